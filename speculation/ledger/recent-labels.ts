import type { Entry } from './entry';

const MOST_LABELS = 16;
const LONGEST_LABEL = 200;

/**
 * `upstream>downstream:outcome` of what was speculated, newest first, then `operation:outcome` of plain calls as far as there is room: an
 * operator filters by what went wrong with bets, and plain calls would crowd that out.
 */
export function recentLabels(entries: readonly Entry[]): string[] {
  const newestFirst = entries.filter(({ state }) => state !== 'running' && state !== 'finished').reverse();
  const speculative = newestFirst.filter(({ kind }) => kind !== 'plain');
  const plain = newestFirst.filter(({ kind }) => kind === 'plain');
  return [...new Set([...speculative, ...plain].map(label))].slice(0, MOST_LABELS);
}

function label({ edge, operation, state, match }: Entry): string {
  const outcome = `:${state}${state === 'claimed' && match !== undefined ? `-${match}` : ''}`;
  return (edge ?? operation).slice(0, LONGEST_LABEL - outcome.length) + outcome;
}
