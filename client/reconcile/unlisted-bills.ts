import { mergeBooks, type BooksOfRun } from '../../speculation/ledger/merge-books';
import { sumUsd } from '../../speculation/ledger/price-usage';
import { Usd } from '../../speculation/ledger/usd';

/** One run, as far as its requests are known one by one. */
export interface ListedRun {
  workflowId: string;
  runId: string;
  /** What the run says that it has cost, with what it took over from the run before. */
  totalUsd: string;
  books: BooksOfRun;
  /** The run that it continues; null where it continues none, or nobody has asked. */
  continuedFrom: string | null;
}

/** Dollars in the totals of a run whose requests are not known. Plain JSON. */
export interface Unlisted {
  workflowId: string;
  runId: string;
  costUsd: string;
}

/**
 * What is in the totals of runs and in none of their listed bills. A run that continues another has that one's totals too, and the bills
 * of both; so of each chain the last run counts.
 */
export function unlistedBills(runs: readonly ListedRun[]): Unlisted[] {
  const byRun = new Map(runs.map((run) => [run.runId, run]));
  const continued = new Set(runs.map(({ continuedFrom }) => continuedFrom));
  return runs.flatMap((run) => {
    if (continued.has(run.runId)) return [];
    const { costUsd: listedUsd } = mergeBooks(chainOf(run, byRun).map(({ books }) => books));
    const costUsd = new Usd(run.totalUsd).minus(listedUsd);
    return costUsd.gt(0) ? [{ workflowId: run.workflowId, runId: run.runId, costUsd: costUsd.toFixed() }] : [];
  });
}

export function unlistedUsd(unlisted: readonly Unlisted[]): string {
  return sumUsd(unlisted.map(({ costUsd }) => costUsd));
}

function chainOf(run: ListedRun, byRun: ReadonlyMap<string, ListedRun>): ListedRun[] {
  const chain = [run];
  for (let next = run.continuedFrom; next !== null;) {
    const before: ListedRun | undefined = byRun.get(next);
    if (before === undefined || chain.includes(before)) break;
    chain.push(before);
    next = before.continuedFrom;
  }
  return chain;
}
