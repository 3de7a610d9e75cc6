import pc from 'picocolors';
import { plainTable } from '../../client/tables/plain-table';
import { percentText, rateText, timeAndMoney } from './comparison-figures';
import type { PolicyComparison, PolicyRow } from './policy-comparison';

const HEAD = ['policy', 'saved', '95 % interval', 'mean s', 'p95 s', '$', 'waste $', 'hits', 'claimed'];
const TOKENS = 'extra tokens';

/**
 * A comparison for a terminal: setting, one line for each policy, what each policy knew, other tables and notes. Dollars and seconds are
 * those of a unit of the benchmark.
 */
export function comparisonTable(comparison: PolicyComparison): string {
  const { benchmark, title, setting, measuredOn, rows, tables = [], notes } = comparison;
  const countsTokens = rows.some(({ extraTokens }) => extraTokens !== undefined);
  const head = countsTokens ? [...HEAD, TOKENS] : HEAD;
  const lines = rows.map((row) => [
    ...timeAndMoney(row),
    rateText(row.hits),
    rateText(row.claimed),
    ...(countsTokens ? [row.extraTokens === undefined ? '' : percentText(row.extraTokens.value)] : []),
  ]);
  return [
    pc.bold(`${benchmark}: ${title}`),
    `${setting} (${measuredOn})`,
    '',
    ...(rows.length === 0 ? [] : [plainTable(head, lines, head.slice(1)), '']),
    ...known(rows),
    ...tables.flatMap((table) => [
      '',
      pc.bold(table.title),
      plainTable(table.columns, table.rows, table.columns.slice(1)),
    ]),
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ].join('\n');
}

/** What several knew alike is said once. */
function known(rows: readonly PolicyRow[]): string[] {
  const alike = new Map<string, string[]>();
  for (const { label, knew } of rows) alike.set(knew, [...(alike.get(knew) ?? []), label]);
  return [...alike].map(([knew, labels]) => `${labels.join('; ')} knew: ${knew}`);
}
