import type { TimelineBar } from '../measure/policy-comparison';

/** A lane, with its bars in as few rows as let none lie over another. */
export interface Lane {
  name: string;
  rows: TimelineBar[][];
}

/** Lanes in the order in which they are first named; drafts have rows of their own, above what was launched on them. */
export function lanesOf(bars: readonly TimelineBar[]): Lane[] {
  const names = [...new Set(bars.map(({ lane }) => lane))];
  return names.map((name) => {
    const own = bars.filter(({ lane }) => lane === name);
    const of = (isDraft: boolean): TimelineBar[] => own.filter(({ kind }) => (kind === 'draft') === isDraft);
    return { name, rows: [...rowsOf(of(true)), ...rowsOf(of(false))] };
  });
}

function rowsOf(bars: readonly TimelineBar[]): TimelineBar[][] {
  const rows: TimelineBar[][] = [];
  for (const bar of [...bars].sort((one, other) => one.startSeconds - other.startSeconds)) {
    const free = rows.find((row) => (row.at(-1)?.endSeconds ?? 0) <= bar.startSeconds);
    if (free === undefined) rows.push([bar]);
    else free.push(bar);
  }
  return rows;
}
