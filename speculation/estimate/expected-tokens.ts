import type { TokenCounts } from '../decision/tokens';
import { sketchedCalls, type SimilarCalls } from './token-sketch';
import type { TokenKind, TokenStatistics } from './token-statistics';

/** What the owner declares weighs as much as this many calls. An assumption of Runahead (PROPOSED): the paper does not say. */
export const DECLARED_CALLS = 3;

/** Share of calls, the largest ones and at least one, that may be outliers (PROPOSED, ours). */
const OUTLIER_SHARE = 0.02;
/** What is at most this many times the median is no outlier, whatever its rank (PROPOSED, ours). */
const ORDINARY_FACTOR = 4;

/**
 * Tokens that the next call is expected to consume, whole numbers: the mean of what was declared, as three calls, and what was measured.
 * The largest call in fifty, at least one, counts no more than the next smaller one or four times the median, whichever is more. So
 * one call of any size raises an expectation that `n` earlier calls and the declaration agree on by at most 3 / (n + 4) of it, and a
 * distribution whose largest fiftieth holds much of its sum is expected a little too cheap; budgets reserve the dearest call.
 */
export function expectedTokens(declared: TokenCounts, statistics: TokenStatistics | null): TokenCounts {
  if (statistics === null || statistics.count === 0) return declared;
  const expect = (kind: TokenKind): number => {
    const mean = statistics.mean[kind] ?? 0;
    const measured =
      statistics.sketches === undefined
        ? [{ tokens: mean, calls: statistics.count }]
        : sketchedCalls(statistics.sketches[kind], statistics.count);
    return clippedMean([{ tokens: declared[kind] ?? 0, calls: DECLARED_CALLS }, ...measured]);
  };
  // Each kind is clipped for itself; a part that came out larger than its whole is cut.
  const inputTokens = Math.round(expect('inputTokens'));
  const cachedInputTokens = Math.min(Math.round(expect('cachedInputTokens')), inputTokens);
  const cacheWriteTokens = Math.min(Math.round(expect('cacheWriteTokens')), inputTokens - cachedInputTokens);
  const outputTokens = Math.round(expect('outputTokens'));
  const rejectedPredictionTokens = Math.min(Math.round(expect('rejectedPredictionTokens')), outputTokens);
  return {
    inputTokens,
    cachedInputTokens,
    outputTokens,
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
    ...(rejectedPredictionTokens === 0 ? {} : { rejectedPredictionTokens }),
  };
}

function clippedMean(groups: readonly SimilarCalls[]): number {
  const ascending = [...groups].sort((left, right) => left.tokens - right.tokens);
  const count = ascending.reduce((sum, { calls }) => sum + calls, 0);
  const outliers = Math.max(1, Math.floor(OUTLIER_SHARE * count));
  const median = atRank(ascending, Math.ceil(count / 2));
  const largest = Math.max(ORDINARY_FACTOR * median, atRank(ascending, count - outliers));
  return ascending.reduce((sum, { tokens, calls }) => sum + Math.min(tokens, largest) * calls, 0) / count;
}

/** Tokens of the call at a rank, counted from 1 for the smallest. */
function atRank(ascending: readonly SimilarCalls[], rank: number): number {
  let passed = 0;
  for (const { tokens, calls } of ascending) {
    passed += calls;
    if (passed >= rank) return tokens;
  }
  return 0;
}
