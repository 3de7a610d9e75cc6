import type { ModelSpeed } from '../estimate/model-speed';
import type { OperationStatistics } from '../estimate/operation-statistics';
import { completeRates, type TokenRates } from '../decision/tokens';
import { speculativeCostUsd } from '../decision/speculative-cost';
import { expectedDurations } from '../estimate/expected-duration';
import { expectedTokens } from '../estimate/expected-tokens';
import { answerSeconds } from '../estimate/model-speed';
import { ownEntry } from '../forecast/own-entry';
import type { CostBriefing } from '../forecast/briefing';
import type { OperationPolicy } from './operation-policy';
import type { PriceTable } from './price-table';

/** What a call is expected to cost: declared tokens that fade as calls are measured, at today's price. */
export function costBriefing(
  { cost }: OperationPolicy,
  statistics: OperationStatistics | undefined,
  prices: PriceTable,
): CostBriefing {
  if (cost.kind === 'fixed') return { kind: 'fixed', usd: cost.usd };
  const expected = expectedTokens(cost.expected, statistics?.tokens ?? null);
  return { kind: 'tokens', model: cost.model, expected, rates: prices.ratesFor(cost.model) };
}

/**
 * Most that a call can cost, US dollars: what budgets reserve. The price of the declared ceiling, each token at the dearest rate it can
 * have; without one, the dearest call so far. Never less than what a call is expected to cost.
 */
export function mostUsd(
  operation: OperationPolicy,
  statistics: OperationStatistics | undefined,
  prices: PriceTable,
): number {
  const { cost } = operation;
  if (cost.kind === 'fixed') return cost.usd;
  const expectedUsd = speculativeCostUsd(costBriefing(operation, statistics, prices));
  const ceilingUsd =
    cost.most === null ? (statistics?.dearestUsd ?? 0) : ceiling(cost.most, prices.ratesFor(cost.model));
  return Math.max(expectedUsd, ceilingUsd);
}

/**
 * Equally likely durations, in seconds, ascending: measured, with the declared one fading; where none is declared, the one that the
 * model's speed suggests for as many tokens; else none.
 */
export function latencyPoints(
  { cost, expectedSeconds }: OperationPolicy,
  statistics: OperationStatistics | undefined,
  models: Readonly<Record<string, ModelSpeed>> | undefined,
): number[] {
  const speed = cost.kind === 'model' && models !== undefined ? ownEntry(models, cost.model) : undefined;
  const fromSpeed =
    cost.kind === 'model' && speed !== undefined ? answerSeconds(speed, cost.expected.outputTokens) : null;
  // Three digits are far finer than the buckets that they come from, and every look-up is stored in a history.
  return expectedDurations(statistics?.latency ?? null, expectedSeconds ?? fromSpeed).map((seconds) =>
    Number(seconds.toPrecision(3)),
  );
}

function ceiling(
  { inputTokens, outputTokens }: { inputTokens: number; outputTokens: number },
  rates: TokenRates,
): number {
  const rate = completeRates(rates);
  const input = Math.max(rate.inputUsdPerMillion, rate.cachedInputUsdPerMillion, rate.cacheWriteUsdPerMillion);
  const output = Math.max(rate.outputUsdPerMillion, rate.rejectedPredictionUsdPerMillion);
  // 0.0052500000000000005 was meant to be 0.00525, and is written into histories.
  return Number(((inputTokens * input + outputTokens * output) / 1e6).toPrecision(12));
}
