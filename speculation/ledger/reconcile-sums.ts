import type { MergedBill } from './merge-books';
import { priceUsage, sumUsd } from './price-usage';
import type { RowTokens } from './usage-row';
import { Usd } from './usd';

/** Milliseconds since 1970, end exclusive; null where the export has no times. */
export interface Span {
  fromMs: number | null;
  toMs: number | null;
}

/** What a provider counted for one model in one span of time, where its export has no single requests. */
export interface UsageSum extends Span {
  /** Where in the export it stands, for a reader. */
  place: string;
  /** Null where the export is not grouped by model. */
  model: string | null;
  /** Null where the export does not count them. */
  requests: number | null;
  tokens: RowTokens;
  /** US dollars, a decimal string; null where the export has no money. */
  costUsd: string | null;
}

/** A bill of the books, and when its operation was asked for. */
export interface TimedBill {
  bill: MergedBill;
  /** Milliseconds since 1970; null where nobody knows. */
  atMs: number | null;
}

export interface ComparedSide {
  requests: number | null;
  tokens: RowTokens;
  /** Null where it is not known. */
  costUsd: string | null;
}

/** Books against bill for one model. Plain JSON. */
export interface ComparedSum {
  /** As the export has it; empty where it is not grouped by model. */
  model: string;
  /** Of one span; null for the sum over all of them. */
  fromMs: number | null;
  booked: ComparedSide;
  billed: ComparedSide;
  equal: boolean;
  /** Requests whose usage we had counted ourselves. */
  estimatedRequests: number;
}

export interface SumReconciliation {
  /** The sums over all spans are equal for every model. */
  agrees: boolean;
  models: ComparedSum[];
  /**
   * The same for each span. Of a booked request only the time is known at which its operation was asked for, so one near the edge of a span
   * may be counted on the other side of it; therefore only the sums over all spans count.
   */
  spans: ComparedSum[];
  /** Bills of operations outside of all spans, in no figure here. */
  outside: number;
  /** Calls with a fixed price, in no figure here. */
  fixed: number;
}

const NANO_USD = new Usd('0.000000001');

/**
 * Compares books with an export that only has sums. Single requests cannot be matched.
 *
 * @param covered the spans that the export is about, also those in which nothing was used
 */
export function reconcileSums(
  bills: readonly TimedBill[],
  sums: readonly UsageSum[],
  covered: readonly Span[],
): SumReconciliation {
  const calls = bills.filter(({ bill }) => bill.model !== 'fixed');
  const within = calls.filter(({ atMs }) => isWithin(atMs, covered));
  const names = new Set(sums.map(({ model }) => model));
  const models: ComparedSum[] = [];
  const spans: ComparedSum[] = [];
  let left = within;
  for (const model of names) {
    const ofModel = sums.filter((sum) => sum.model === model);
    const booked = left.filter(({ bill }) => model === null || isModel(bill.model, model, names));
    const taken = new Set(booked);
    left = left.filter((each) => !taken.has(each));
    models.push(compared(model ?? '', null, booked, ofModel));
    for (const fromMs of new Set(ofModel.map((sum) => sum.fromMs))) {
      if (fromMs === null) continue;
      const ofSpan = ofModel.filter((sum) => sum.fromMs === fromMs);
      spans.push(
        compared(
          model ?? '',
          fromMs,
          booked.filter(({ atMs }) => isWithin(atMs, ofSpan)),
          ofSpan,
        ),
      );
    }
  }
  for (const model of new Set(left.map(({ bill }) => bill.model))) {
    models.push(
      compared(
        model,
        null,
        left.filter(({ bill }) => bill.model === model),
        [],
      ),
    );
  }
  return {
    agrees: models.every(({ equal }) => equal),
    models,
    spans,
    outside: calls.length - within.length,
    fixed: bills.length - calls.length,
  };
}

/** Providers bill a dated version (`m-2026-05-01`), and routers put the vendor in front (`vendor/m`), of what was asked for as `m`. */
function isModel(booked: string, billed: string, names: ReadonlySet<string | null>): boolean {
  if (booked === billed) return true;
  if (names.has(booked)) return false;
  return plainName(booked) === plainName(billed);
}

function plainName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1).replace(/-\d{4}-\d{2}-\d{2}$/, '');
}

function isWithin(atMs: number | null, spans: readonly Span[]): boolean {
  return spans.some(
    ({ fromMs, toMs }) => atMs === null || ((fromMs === null || atMs >= fromMs) && (toMs === null || atMs < toMs)),
  );
}

function compared(
  model: string,
  fromMs: number | null,
  booked: readonly TimedBill[],
  sums: readonly UsageSum[],
): ComparedSum {
  const bills = booked.map(({ bill }) => bill);
  const ours: ComparedSide = {
    requests: bills.length,
    tokens: {
      inputTokens: total(bills.map(({ tokens }) => tokens.inputTokens)),
      cachedInputTokens: total(bills.map(({ tokens }) => tokens.cachedInputTokens)),
      cacheWriteTokens: total(bills.map(({ tokens }) => tokens.cacheWriteTokens ?? 0)),
      outputTokens: total(bills.map(({ tokens }) => tokens.outputTokens)),
    },
    costUsd: sumUsd(bills.map(({ costUsd }) => costUsd)),
  };
  const theirs: ComparedSide = {
    requests: known(sums.map(({ requests }) => requests)),
    tokens: {
      inputTokens: total(sums.map(({ tokens }) => tokens.inputTokens)),
      cachedInputTokens: known(sums.map(({ tokens }) => tokens.cachedInputTokens)),
      cacheWriteTokens: known(sums.map(({ tokens }) => tokens.cacheWriteTokens)),
      outputTokens: total(sums.map(({ tokens }) => tokens.outputTokens)),
    },
    costUsd: sums.some(({ costUsd }) => costUsd === null) ? null : sumUsd(sums.map(({ costUsd }) => costUsd ?? '0')),
  };
  const priced = theirs.costUsd === null ? { ...theirs, costUsd: pricedUsd(theirs.tokens, bills) } : theirs;
  return {
    model,
    fromMs,
    booked: ours,
    billed: priced,
    equal: isSame(ours, theirs),
    estimatedRequests: bills.filter(({ estimated }) => estimated).length,
  };
}

/** An export without money is priced at the rates that were booked, where all bills of the model had the same. */
function pricedUsd(tokens: RowTokens, bills: readonly MergedBill[]): string | null {
  const rates = bills[0]?.rates ?? null;
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens } = tokens;
  if (rates === null || cachedInputTokens === null) return null;
  if (bills.some((bill) => JSON.stringify(bill.rates) !== JSON.stringify(rates))) return null;
  const counts = { inputTokens, cachedInputTokens, cacheWriteTokens: cacheWriteTokens ?? 0, outputTokens };
  return priceUsage(counts, rates);
}

function isSame(booked: ComparedSide, billed: ComparedSide): boolean {
  return (
    (billed.requests === null || billed.requests === booked.requests) &&
    billed.tokens.inputTokens === booked.tokens.inputTokens &&
    billed.tokens.outputTokens === booked.tokens.outputTokens &&
    (billed.tokens.cachedInputTokens === null || billed.tokens.cachedInputTokens === booked.tokens.cachedInputTokens) &&
    (billed.tokens.cacheWriteTokens === null || billed.tokens.cacheWriteTokens === booked.tokens.cacheWriteTokens) &&
    (billed.costUsd === null ||
      new Usd(billed.costUsd)
        .minus(booked.costUsd ?? 0)
        .abs()
        .lt(NANO_USD))
  );
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function known(counts: readonly (number | null)[]): number | null {
  return counts.includes(null) ? null : total(counts as number[]);
}
