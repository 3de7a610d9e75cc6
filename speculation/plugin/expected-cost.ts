import type { TokenCounts } from '../decision/tokens';
import type { OperationStatistics } from '../estimate/operation-statistics';
import { equallyLikelyPoints } from '../estimate/latency-histogram';
import type { CostBriefing } from '../forecast/briefing';
import type { OperationPolicy } from './operation-policy';
import type { PriceTable } from './price-table';

/** Fewer calls than this say less about the next one than its owner does. */
const LEAST_CALLS = 3;
const LATENCY_POINTS = 16;

/** What a call is expected to cost: measured once there is enough, as declared until then. */
export function costBriefing(
  { cost }: OperationPolicy,
  statistics: OperationStatistics | undefined,
  prices: PriceTable,
): CostBriefing {
  if (cost.kind === 'fixed') return { kind: 'fixed', usd: cost.usd };
  const tokens = statistics?.tokens;
  const expected = tokens && tokens.count >= LEAST_CALLS ? rounded(tokens.mean) : cost.expected;
  return { kind: 'tokens', model: cost.model, expected, rates: prices.ratesFor(cost.model) };
}

/** Equally likely durations, in seconds, ascending: measured, else the declared one, else none. */
export function latencyPoints(
  { expectedSeconds }: OperationPolicy,
  statistics: OperationStatistics | undefined,
): number[] {
  if (statistics === undefined || statistics.latency.count === 0) {
    return expectedSeconds === null ? [] : [expectedSeconds];
  }
  // Milliseconds are exact enough, and every look-up is stored in a history.
  return equallyLikelyPoints(statistics.latency, LATENCY_POINTS).map((seconds) => Number(seconds.toFixed(4)));
}

function rounded(mean: TokenCounts): TokenCounts {
  return {
    inputTokens: Math.round(mean.inputTokens),
    cachedInputTokens: Math.round(mean.cachedInputTokens),
    outputTokens: Math.round(mean.outputTokens),
  };
}
