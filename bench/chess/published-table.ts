import type { PolicyComparison } from '../measure/policy-comparison';
import { LENGTHS, type Reproduced } from './published-figures';

type Table = NonNullable<PolicyComparison['tables']>[number];

/** What was published beside what the replay gives: one line for each policy and figure. */
export function publishedTable(rows: readonly Reproduced[]): Table {
  const policies = [...new Set(rows.map(({ policy }) => policy))];
  const line = (policy: string, figure: 'saved' | 'extraTokens', label: string): string[] => [
    policy,
    label,
    ...LENGTHS.map((length) => {
      const found = rows.find((row) => row.policy === policy && row.length === length)?.[figure];
      if (found === undefined) return '';
      const { published, replayed } = found;
      return `${published ?? '-'} / ${replayed.toFixed(2)}`;
    }),
  ];
  return {
    title: 'Replay of the published rule: published / replayed, percent, mean of the games',
    columns: ['policy', 'figure', ...LENGTHS.map((length) => `${length} steps`)],
    rows: policies.flatMap((policy) => [
      line(policy, 'saved', 'time saved'),
      line(policy, 'extraTokens', 'extra tokens'),
    ]),
  };
}
