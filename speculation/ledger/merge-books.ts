import type { Entry } from './entry';
import { MergeConflictError } from './merge-conflict-error';
import { isMissingBill } from './missing-bill';
import { sumUsd } from './price-usage';
import type { UsageRecord } from './usage';
import { Usd } from './usd';

/** The books of one run, or of whoever else booked: the control workflow for what came late. */
export interface BooksOfRun {
  /** Names them in a conflict: a run id, for example. */
  run: string;
  entries: readonly Readonly<Pick<Entry, 'id' | 'usage' | 'omittedBills'>>[];
}

/** One request, and which books have it. */
export interface MergedBill extends UsageRecord {
  /** In order of appearance, each once. */
  runs: string[];
  /** Entry under which it was found first. */
  entryId: string;
}

/** What several books have together, every request once. */
export interface MergedBooks {
  /** In order of first appearance. */
  bills: MergedBill[];
  /** Sum of `bills`, US dollars, exact. */
  costUsd: string;
  /** Part of `costUsd` that was counted or set aside by us, because the provider did not say. */
  estimatedUsd: string;
  /** Bills that are in the costs of entries and not listed in them (more than 20 in one entry); they are in no sum here. */
  omittedBills: number;
  /** Bills that are missing: attempts that were lost, and nobody knows what they cost. */
  unbilled: number;
}

/**
 * Adds up books that overlap. A reset copies the history up to its point into a new run, and continue-as-new carries entries on, so that
 * both have the bills of what is copied; such a request is counted once. It is known by its `requestId`; an estimate that was kept under
 * the client's own id is the same request as a bill with that `clientRequestId`. Of two bills of one request the reported one wins over an
 * estimate, a counted estimate over one for a lost attempt, and the higher of two alike. A bill with an empty `requestId` cannot be told
 * from others and is always counted.
 *
 * @throws MergeConflictError when two books have different reported costs for one request
 */
export function mergeBooks(books: readonly BooksOfRun[]): MergedBooks {
  const merged: MergedBill[] = [];
  const byRequest = new Map<string, MergedBill>();
  let omittedBills = 0;
  for (const { run, entries } of books) {
    for (const { id: entryId, usage, omittedBills: omitted } of entries) {
      omittedBills += omitted;
      for (const bill of usage) {
        const known = bill.requestId === '' ? undefined : byRequest.get(bill.requestId);
        const found: MergedBill = { ...bill, runs: [run], entryId };
        if (known === undefined) merged.push(found);
        else keepBetter(known, found);
        if (known === undefined && bill.requestId !== '') byRequest.set(bill.requestId, found);
      }
    }
  }
  const bills = withoutSuperseded(merged);
  return {
    bills,
    costUsd: sumUsd(bills.map(({ costUsd }) => costUsd)),
    estimatedUsd: sumUsd(bills.filter(({ estimated }) => estimated).map(({ costUsd }) => costUsd)),
    omittedBills,
    unbilled: bills.filter(isMissingBill).length,
  };
}

/** Estimates under a client's id whose request has a bill under the provider's id are dropped. */
function withoutSuperseded(bills: readonly MergedBill[]): MergedBill[] {
  const successors = new Map<string, MergedBill>();
  for (const bill of bills) {
    const { clientRequestId, requestId } = bill;
    if (clientRequestId !== undefined && clientRequestId !== requestId) successors.set(clientRequestId, bill);
  }
  return bills.filter((bill) => {
    const successor = bill.estimated ? successors.get(bill.requestId) : undefined;
    if (successor !== undefined) addRuns(successor, bill.runs);
    return successor === undefined;
  });
}

function keepBetter(known: MergedBill, other: MergedBill): void {
  if (!known.estimated && !other.estimated && !new Usd(known.costUsd).eq(other.costUsd)) {
    throw new MergeConflictError(known, other);
  }
  addRuns(known, other.runs);
  if (!isBetter(other, known)) return;
  const { runs, entryId } = known;
  for (const field of Object.keys(known)) Reflect.deleteProperty(known, field);
  Object.assign(known, other, { runs, entryId });
}

function isBetter(bill: UsageRecord, than: UsageRecord): boolean {
  const [left, right] = [certainty(bill), certainty(than)];
  return left === right ? new Usd(bill.costUsd).gt(than.costUsd) : left > right;
}

function certainty({ estimated, lost }: UsageRecord): number {
  if (!estimated) return 2;
  return lost === true ? 0 : 1;
}

function addRuns(bill: MergedBill, runs: readonly string[]): void {
  for (const run of runs) if (!bill.runs.includes(run)) bill.runs.push(run);
}
