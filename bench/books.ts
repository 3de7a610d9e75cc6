import { Decimal } from 'decimal.js';
import type { LedgerReport, RunaheadClient } from '../client/runahead-client';
import { mergeBooks } from '../speculation/ledger/merge-books';
import { sumUsd } from '../speculation/ledger/price-usage';
import type { InvoiceLine, Meter } from '../workers/meter';

/** What a set of pipelines booked, by their own ledgers. */
export interface Booked {
  costUsd: string;
  wasteUsd: string;
  /** Part of the cost that was counted locally, because a stream was cut off. */
  estimatedUsd: string;
  launched: number;
  claimed: number;
  cancelled: number;
  failed: number;
  /** Bills of the requests whose usage the provider reported. */
  reported: ReportedBill[];
}

export interface ReportedBill {
  requestId: string;
  costUsd: string;
}

const CONCURRENCY = 8;

/**
 * Adds up the ledgers of finished pipelines. A request that stands in several of them, as after a reset, counts once; what a ledger no
 * longer lists is in its totals alone and counts as it stands there.
 *
 * @throws MergeConflictError when two ledgers have different reported costs for one request
 */
export async function bookedBy(runahead: RunaheadClient, workflowIds: readonly string[]): Promise<Booked> {
  const ledgers = new Map<string, LedgerReport>();
  const waiting = [...new Set(workflowIds)];
  const readSome = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) ledgers.set(id, await runahead.ledger(id));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, readSome));
  const { bills, ...merged } = mergeBooks([...ledgers].map(([run, { entries }]) => ({ run, entries })));
  const all = [...ledgers.values()];
  const listed = all.flatMap(({ entries }) => entries.flatMap(({ usage }) => usage));
  const unlisted = (amount: 'costUsd' | 'estimatedUsd'): string => {
    const counted = listed.filter(({ estimated }) => amount === 'costUsd' || estimated);
    return minusUsd(sumUsd(all.map(({ totals }) => totals[amount])), sumUsd(counted.map(({ costUsd }) => costUsd)));
  };
  const count = (name: 'launched' | 'claimed' | 'cancelled' | 'failed'): number =>
    all.reduce((sum, { totals }) => sum + totals[name], 0);
  return {
    costUsd: plusUsd(merged.costUsd, unlisted('costUsd')),
    wasteUsd: sumUsd(all.map(({ totals }) => totals.wasteUsd)),
    estimatedUsd: plusUsd(merged.estimatedUsd, unlisted('estimatedUsd')),
    launched: count('launched'),
    claimed: count('claimed'),
    cancelled: count('cancelled'),
    failed: count('failed'),
    reported: bills.filter(({ estimated, model }) => !estimated && model !== 'fixed'),
  };
}

/** How many of the bills stand in the invoice with the very same amount, under the provider's own request id. */
export function billsInInvoice(bills: readonly ReportedBill[], invoice: readonly InvoiceLine[]): number {
  const invoiced = new Map(invoice.map(({ requestId, costUsd }) => [requestId, costUsd]));
  return bills.filter(({ requestId, costUsd }) => new Decimal(invoiced.get(requestId) ?? -1).eq(costUsd)).length;
}

export function plusUsd(left: string, right: string): string {
  return new Decimal(left).plus(right).toFixed();
}

export function minusUsd(left: string, right: string): string {
  return new Decimal(left).minus(right).toFixed();
}

/** Share by which locally counted dollars may differ from what the meter saw. */
const ESTIMATE_TOLERANCE = 0.02;

/**
 * Whether books and invoice agree: to the last digit where the provider reported usage, within 2 % of the part that was counted
 * locally.
 */
export function booksMatch(bookedUsd: string, estimatedUsd: string, invoiceUsd: string): boolean {
  const difference = new Decimal(bookedUsd).minus(invoiceUsd).abs();
  return difference.lte(new Decimal(estimatedUsd).times(ESTIMATE_TOLERANCE));
}

const POLL_MS = 200;

/** Waits until no request to the model is open and the condition holds, at most `timeoutMs`; tells whether it came true. */
export async function untilSettled(
  meter: Meter,
  condition: () => Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (meter.invoice().every(({ closedAtMs }) => closedAtMs !== null) && (await condition())) return true;
    if (performance.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
