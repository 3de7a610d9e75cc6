import type { TokenCounts } from '../decision/tokens';

/** Running mean and spread of an operation's token counts. */
export interface TokenStatistics {
  count: number;
  mean: TokenCounts;
  /** Sums of squared distances from the mean (Welford). */
  squaredDistances: TokenCounts;
}

const NO_TOKENS: Readonly<TokenCounts> = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
const KINDS = ['inputTokens', 'cachedInputTokens', 'outputTokens'] as const;

/** The statistics with one more call; null is "none so far". */
export function addTokens(statistics: TokenStatistics | null, tokens: TokenCounts): TokenStatistics {
  const next: TokenStatistics = {
    count: (statistics?.count ?? 0) + 1,
    mean: { ...(statistics?.mean ?? NO_TOKENS) },
    squaredDistances: { ...(statistics?.squaredDistances ?? NO_TOKENS) },
  };
  for (const kind of KINDS) {
    const distance = tokens[kind] - next.mean[kind];
    next.mean[kind] += distance / next.count;
    next.squaredDistances[kind] += distance * (tokens[kind] - next.mean[kind]);
  }
  return next;
}

/** Variance of each kind of tokens; 0 with fewer than two calls. */
export function tokenVariance({ count, squaredDistances }: TokenStatistics): TokenCounts {
  const variance = { ...NO_TOKENS };
  if (count > 1) for (const kind of KINDS) variance[kind] = squaredDistances[kind] / (count - 1);
  return variance;
}
