import { sumUsd } from '../ledger/price-usage';
import { Usd } from '../ledger/usd';
import { lateRequests, type LateRequest } from './late-request';
import type { OperationBill, UnresolvedOperations } from './observation';
import { addRecentEntry, noRecentEntries, recentEntry, takeRecentEntry, type RecentEntries } from './recent-entries';

/** What an operation cost that its pipeline did not wait for. */
export interface LateBill {
  /** Its first 64 characters. */
  workflowId: string;
  operation: string;
  /** US dollars, exact. */
  costUsd: string;
  /** Whether part of it was counted locally. */
  estimated: boolean;
  /** The requests that it is made of, the first 20. @default not known: older code did not keep them, or there was no room */
  requests?: LateRequest[];
}

/**
 * Bills that no pipeline books, because it closed or went on before the operation ended. A worker reports the bill, the pipeline reports
 * what it left behind; whichever comes second books.
 */
export interface LateBills {
  /** US dollars, exact. */
  totalUsd: string;
  count: number;
  /** The latest 500, oldest first. */
  recent: LateBill[];
}

/** The two halves that wait for each other, by `runId/activityId`. */
export interface BillMatching {
  /** Bills whose pipeline has not said that it left them behind; most never will be. At least the latest 2,500. */
  waiting: RecentEntries<LateBill>;
  /** Operations left behind whose bill has not come. At least the latest 2,500. */
  left: RecentEntries<1>;
  /** What was booked, at least the latest 2,500, so that nothing is booked twice: US dollars; 1 where it is not known. */
  booked: RecentEntries<string | 1>;
}

const GENERATION = 2_500;
const RECENT_BILLS = 500;
const FEWEST_RECENT_BILLS = 100;
const LONGEST_ID = 64;

export function noLateBills(): LateBills {
  return { totalUsd: '0', count: 0, recent: [] };
}

export function noBillMatching(): BillMatching {
  return {
    waiting: noRecentEntries(GENERATION),
    left: noRecentEntries(GENERATION),
    booked: noRecentEntries(GENERATION),
  };
}

export function receiveBill(lateBills: LateBills, matching: BillMatching, bill: OperationBill): void {
  const key = `${bill.runId}/${bill.activityId}`;
  const lateBill: LateBill = {
    workflowId: bill.workflowId.slice(0, LONGEST_ID),
    operation: bill.operation,
    costUsd: sumUsd(bill.usage.map(({ costUsd }) => costUsd)),
    estimated: bill.usage.some(({ estimated }) => estimated),
    requests: lateRequests(bill.usage),
  };
  if (recentEntry(matching.booked, key) !== undefined) {
    bookTheRest(lateBills, matching, key, lateBill);
    return;
  }
  const wasLeft = takeRecentEntry(matching.left, key) !== undefined;
  // Each attempt reports what all of them have cost so far.
  takeRecentEntry(matching.waiting, key);
  if (bill.workflowGone || wasLeft) {
    book(lateBills, matching, key, lateBill);
  } else {
    addRecentEntry(matching.waiting, key, lateBill);
    // Their pipelines would have said by now that they left them behind.
    if (matching.waiting.youngerCount === 1) forgetRequestsIn(matching.waiting.older);
  }
}

export function receiveUnresolved(lateBills: LateBills, matching: BillMatching, report: UnresolvedOperations): void {
  for (const activityId of report.activityIds) {
    const key = `${report.runId}/${activityId}`;
    if (recentEntry(matching.booked, key) !== undefined) continue;
    const bill = takeRecentEntry(matching.waiting, key);
    if (bill) book(lateBills, matching, key, bill);
    else addRecentEntry(matching.left, key, 1);
  }
}

/** Takes the single requests off bills that most probably nobody will ever book, and the amounts off those that are booked, to make room. */
export function forgetRequests({ waiting, booked }: BillMatching): void {
  forgetRequestsIn(waiting.older);
  forgetRequestsIn(waiting.younger);
  for (const amounts of [booked.older, booked.younger]) for (const key of Object.keys(amounts)) amounts[key] = 1;
}

/** Keeps the latest 100 booked bills, without their single requests, to make room; the total stays. */
export function forgetBookedRequests(lateBills: LateBills): void {
  lateBills.recent = lateBills.recent.slice(-FEWEST_RECENT_BILLS);
  for (const bill of lateBills.recent) delete bill.requests;
}

function forgetRequestsIn(bills: Record<string, LateBill>): void {
  for (const bill of Object.values(bills)) delete bill.requests;
}

/** An attempt that still ran when the bill of an earlier one was booked has added to it. */
function bookTheRest(lateBills: LateBills, matching: BillMatching, key: string, bill: LateBill): void {
  const booked = recentEntry(matching.booked, key);
  if (booked === undefined || booked === 1) return;
  const rest = new Usd(bill.costUsd).minus(booked);
  if (rest.lte(0)) return;
  takeRecentEntry(matching.booked, key);
  book(lateBills, matching, key, { ...bill, costUsd: rest.toFixed() }, bill.costUsd);
}

function book(
  lateBills: LateBills,
  matching: BillMatching,
  key: string,
  bill: LateBill,
  bookedUsd = bill.costUsd,
): void {
  addRecentEntry(matching.booked, key, bookedUsd);
  lateBills.totalUsd = sumUsd([lateBills.totalUsd, bill.costUsd]);
  lateBills.count += 1;
  lateBills.recent = [...lateBills.recent, bill].slice(-RECENT_BILLS);
}
