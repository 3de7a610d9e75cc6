import type { PolicyComparison } from '../measure/policy-comparison';
import { figure } from '../validation/comparison';
import { deviation, type MeasuredForm } from './measured-form';

type Table = NonNullable<PolicyComparison['tables']>[number];

/** Cases of one form that are shown one by one. */
const SHOWN = 4;

/** A line for each case: as printed, as it holds, as simulated, and how far the simulator is from both. */
export function formsTable(title: string, forms: readonly MeasuredForm[]): Table {
  return {
    title,
    columns: ['form', 'case', 'printed', 'corrected', 'simulated', 'off the corrected', 'off the printed'],
    rows: forms.flatMap(({ name, misprinted, cases }) => {
      const off = cases.map(({ corrected, simulated }) => deviation(corrected, simulated));
      const rows = cases
        .slice(0, SHOWN)
        .map(({ label, printed, corrected, simulated }, index) => [
          name,
          label,
          figure(printed),
          misprinted ? figure(corrected) : 'the same',
          figure(simulated),
          percent(off[index] ?? NaN),
          misprinted ? percent(deviation(printed, simulated)) : '',
        ]);
      const rest = off.slice(SHOWN).map(Math.abs);
      const more = [
        name,
        `${rest.length} more`,
        '',
        '',
        '',
        `at most ${(100 * Math.max(0, ...rest)).toFixed(2)} %`,
        '',
      ];
      return rest.length === 0 ? rows : [...rows, more];
    }),
  };
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(100 * share).toFixed(2)} %`;
}
