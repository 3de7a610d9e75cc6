import pc from 'picocolors';
import type { ExperimentOutcome } from '../../bench/validation/experiment';
import { figure } from '../../bench/validation/comparison';
import { plainTable } from './plain-table';

const HEAD = ['experiment', 'cases', 'expected', 'observed', 'worst error', 'tolerance', 'planted caught', 'verdict'];

/** One line for each experiment. */
export function validationTable(outcomes: readonly ExperimentOutcome[]): string {
  return plainTable(
    HEAD,
    outcomes.map((outcome) => [
      outcome.name,
      String(outcome.cases),
      outcome.expected,
      outcome.observed,
      figure(outcome.worstError),
      figure(outcome.tolerance),
      plantedCell(outcome),
      outcome.pass ? pc.green('pass') : pc.red('FAIL'),
    ]),
    ['cases', 'worst error', 'tolerance'],
  );
}

function plantedCell({ planted }: ExperimentOutcome): string {
  const missed = planted.filter(({ caught }) => !caught);
  if (missed.length === 0) return `${planted.length} of ${planted.length}`;
  return pc.red(`missed: ${missed.map(({ rule }) => rule).join(', ')}`);
}
