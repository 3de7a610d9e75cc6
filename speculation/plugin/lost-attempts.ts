import type { Info } from '@temporalio/activity';
import type { OperationStatistics } from '../estimate/operation-statistics';
import { priceUsage } from '../ledger/price-usage';
import type { UsageRecord } from '../ledger/usage';
import type { HandedOver } from './billed-heartbeat';
import { costBriefing } from './expected-cost';
import type { OperationPolicy } from './operation-policy';
import type { PriceTable } from './price-table';
import { requestIdOf } from './request-id';

/** Whether an attempt of this operation that said nothing may still have cost something. */
export function mayCost({ cost }: OperationPolicy): boolean {
  return cost.kind === 'model' || cost.usd > 0;
}

/**
 * What to set aside for attempts whose worker died before any of their bills got through: what a call of the operation is expected to
 * consume, under the id that the first request of the attempt bore. An attempt of which a running bill is known keeps that one.
 */
export function lostUsage(
  info: Info,
  { usage, accountedAttempts }: HandedOver,
  operation: OperationPolicy,
  prices: PriceTable,
  statistics: OperationStatistics | undefined,
): UsageRecord[] {
  if (!mayCost(operation)) return [];
  const known = new Set(usage.map(({ attempt }) => attempt));
  const lost: UsageRecord[] = [];
  for (let attempt = accountedAttempts + 1; attempt < info.attempt; attempt++) {
    if (!known.has(attempt)) lost.push(lostBill(info, attempt, operation, prices, statistics));
  }
  return lost;
}

function lostBill(
  info: Info,
  attempt: number,
  operation: OperationPolicy,
  prices: PriceTable,
  statistics: OperationStatistics | undefined,
): UsageRecord {
  const { cost } = operation;
  const set = { requestId: requestIdOf(info, attempt, 1), attempt, estimated: true, lost: true } as const;
  const briefing = costBriefing(operation, statistics, prices);
  if (briefing.kind === 'tokens') {
    const { model, expected: tokens, rates } = briefing;
    return { ...set, model, tokens, rates, costUsd: priceUsage(tokens, rates) };
  }
  const tokens = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
  return { ...set, model: 'fixed', tokens, rates: null, costUsd: cost.kind === 'fixed' ? cost.costUsd : '0' };
}
