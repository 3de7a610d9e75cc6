import type { TokenCounts } from '../decision/tokens';
import { matchUsage } from './match-usage';
import type { MergedBill } from './merge-books';
import { priceUsage, sumUsd } from './price-usage';
import type { RowTokens, UsageRow } from './usage-row';
import { Usd } from './usd';

/**
 * `different`: tokens or dollars are not those that the provider charged, although it had reported them. `not-on-bill`: booked, and the
 * export has no such request. `not-booked`: charged, and the books have no such request. `duplicate`: the export has the request once
 * more. `estimated`: the provider had not reported usage, we counted. `lost`: the attempt died before it could say anything, and what it
 * could be expected to cost was set aside.
 */
export type FindingKind = 'different' | 'not-on-bill' | 'not-booked' | 'duplicate' | 'estimated' | 'lost';

/** A request on which books and bill do not say the same. Plain JSON. */
export interface Finding {
  kind: FindingKind;
  /** False where the books had said themselves that they do not know, and were wrong by no more than is tolerated. */
  counts: boolean;
  /** The provider's id, else the client's; empty where there is none. */
  requestId: string;
  model: string;
  booked: { costUsd: string; tokens: TokenCounts; estimated: boolean; runs: string[]; entryId: string } | null;
  billed: { costUsd: string | null; tokens: RowTokens | null; place: string } | null;
  /** Billed minus booked, US dollars; null where the export has neither money nor tokens that could be priced. */
  differenceUsd: string | null;
}

/** What a comparison of books and bill came to. Plain JSON; dollars are exact decimal strings. */
export interface Reconciliation {
  /** Nothing counts as a difference. */
  agrees: boolean;
  /** Requests on which both agree, to the last nano-dollar. */
  equal: { requests: number; costUsd: string };
  /** In order of the kinds, then as the books and the export have them. */
  findings: Finding[];
  bookedUsd: string;
  /** Of it, counted or set aside by us. */
  estimatedUsd: string;
  /** Duplicates included. Rows without money are priced by their tokens at the rates that were booked, where they are known. */
  billedUsd: string;
  /** Billed minus booked. */
  differenceUsd: string;
  /** Rows whose dollars are not known: no money in the export, and no rates in the books. They are in no sum. */
  rowsWithoutPrice: number;
  /** Calls with a fixed price: nobody's tokens, in no other figure here. */
  fixed: { calls: number; costUsd: string };
  /** Rows and bills of nothing, such as refused requests, that the other side does not have. */
  empty: number;
  /** Most that an estimate may be off, US dollars per request. */
  toleranceUsd: string;
}

/** Provider and books may write the same amount with other digits behind it; less than a nano-dollar is no money. */
const NANO_USD = new Usd('0.000000001');

const ORDER: readonly FindingKind[] = ['different', 'not-on-bill', 'not-booked', 'duplicate', 'lost', 'estimated'];

/**
 * Compares books with a provider's usage export, request by request. A difference counts unless the books had marked the bill as
 * an estimate and it is off by no more than `toleranceUsd`.
 *
 * @param toleranceUsd US dollars of at least 0, a decimal string, for each request
 */
export function reconcile(
  allBills: readonly MergedBill[],
  rows: readonly UsageRow[],
  { toleranceUsd }: { toleranceUsd: string },
): Reconciliation {
  const bills = allBills.filter(({ model }) => model !== 'fixed');
  const fixed = allBills.filter(({ model }) => model === 'fixed');
  const matched = matchUsage(bills, rows);
  const tolerance = new Usd(toleranceUsd);
  const findings: Finding[] = [];
  const equal: MergedBill[] = [];
  const billed: (string | null)[] = [];
  for (const { bill, row } of matched.pairs) {
    const costUsd = chargedUsd(row, bill);
    billed.push(costUsd);
    if (isEqual(bill, row)) equal.push(bill);
    else findings.push(finding(kindOf(bill, 'different'), bill, row, costUsd, tolerance));
  }
  let empty = 0;
  for (const bill of matched.bills) {
    if (isNothing(bill.tokens, bill.costUsd)) empty += 1;
    else findings.push(finding(bill.lost === true ? 'lost' : 'not-on-bill', bill, null, '0', tolerance));
  }
  const rates = new Map(bills.map((bill) => [bill.model, bill]));
  const single = (kind: FindingKind, row: UsageRow): void => {
    const costUsd = chargedUsd(row, rates.get(row.model) ?? null);
    billed.push(costUsd);
    if (isNothing(row.tokens, row.costUsd)) empty += 1;
    else findings.push(finding(kind, null, row, costUsd, tolerance));
  };
  for (const row of matched.rows) single('not-booked', row);
  for (const row of matched.duplicates) single('duplicate', row);
  findings.sort((left, right) => ORDER.indexOf(left.kind) - ORDER.indexOf(right.kind));

  const bookedUsd = sumUsd(bills.map(({ costUsd }) => costUsd));
  const billedUsd = sumUsd(billed.filter((each) => each !== null));
  return {
    agrees: findings.every(({ counts }) => !counts),
    equal: { requests: equal.length, costUsd: sumUsd(equal.map(({ costUsd }) => costUsd)) },
    findings,
    bookedUsd,
    estimatedUsd: sumUsd(bills.filter(({ estimated }) => estimated).map(({ costUsd }) => costUsd)),
    billedUsd,
    differenceUsd: new Usd(billedUsd).minus(bookedUsd).toFixed(),
    rowsWithoutPrice: billed.filter((each) => each === null).length,
    fixed: { calls: fixed.length, costUsd: sumUsd(fixed.map(({ costUsd }) => costUsd)) },
    empty,
    toleranceUsd: tolerance.toFixed(),
  };
}

function finding(
  kind: FindingKind,
  bill: MergedBill | null,
  row: UsageRow | null,
  chargedUsd: string | null,
  tolerance: Usd,
): Finding {
  const difference = chargedUsd === null ? null : new Usd(chargedUsd).minus(bill?.costUsd ?? 0);
  const tolerated = bill?.estimated === true && difference?.abs().lte(tolerance) === true;
  return {
    kind,
    counts: !tolerated,
    requestId: firstId(row?.requestId, bill?.requestId, row?.clientRequestId, bill?.clientRequestId),
    model: bill?.model ?? row?.model ?? '',
    booked:
      bill === null
        ? null
        : {
            costUsd: bill.costUsd,
            tokens: bill.tokens,
            estimated: bill.estimated,
            runs: bill.runs,
            entryId: bill.entryId,
          },
    billed: row === null ? null : { costUsd: chargedUsd, tokens: row.tokens, place: row.place },
    differenceUsd: difference?.toFixed() ?? null,
  };
}

function kindOf({ estimated, lost }: MergedBill, reported: FindingKind): FindingKind {
  if (lost === true) return 'lost';
  return estimated ? 'estimated' : reported;
}

/** What the export says the request cost; without money in it, its tokens at the booked rates. */
function chargedUsd({ costUsd, tokens }: UsageRow, bill: MergedBill | null): string | null {
  if (costUsd !== null) return costUsd;
  if (tokens === null || bill === null || bill.rates === null) return null;
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens } = tokens;
  const cached = cachedInputTokens ?? Math.min(bill.tokens.cachedInputTokens, inputTokens);
  return priceUsage(
    {
      inputTokens,
      cachedInputTokens: cached,
      cacheWriteTokens: cacheWriteTokens ?? Math.min(bill.tokens.cacheWriteTokens ?? 0, inputTokens - cached),
      outputTokens,
      rejectedPredictionTokens: Math.min(bill.tokens.rejectedPredictionTokens ?? 0, outputTokens),
    },
    bill.rates,
  );
}

function isEqual(bill: MergedBill, row: UsageRow): boolean {
  const sameCost = row.costUsd === null || new Usd(row.costUsd).minus(bill.costUsd).abs().lt(NANO_USD);
  return sameCost && (row.tokens === null || sameTokens(bill.tokens, row.tokens));
}

function sameTokens(booked: TokenCounts, billed: RowTokens): boolean {
  return (
    booked.inputTokens === billed.inputTokens &&
    booked.outputTokens === billed.outputTokens &&
    (billed.cachedInputTokens === null || booked.cachedInputTokens === billed.cachedInputTokens) &&
    (billed.cacheWriteTokens === null || (booked.cacheWriteTokens ?? 0) === billed.cacheWriteTokens)
  );
}

function isNothing(tokens: RowTokens | TokenCounts | null, costUsd: string | null): boolean {
  const noTokens = tokens === null ? costUsd !== null : tokens.inputTokens + tokens.outputTokens === 0;
  return noTokens && (costUsd === null || new Usd(costUsd).isZero());
}

function firstId(...ids: (string | null | undefined)[]): string {
  return ids.find((id) => id !== undefined && id !== null && id !== '') ?? '';
}
