import type { TokenCounts } from '../decision/tokens';
import { addToSketch, type TokenSketch } from './token-sketch';

/** What an operation's calls consumed. */
export interface TokenStatistics {
  count: number;
  /** Plain mean. A kind that optional counts never had is absent. */
  mean: TokenCounts;
  /** By kind of tokens. @default all calls consumed the mean: older code kept no more */
  sketches?: Partial<Record<TokenKind, TokenSketch>>;
}

export type TokenKind = keyof TokenCounts;

export const TOKEN_KINDS = [
  'inputTokens',
  'cachedInputTokens',
  'outputTokens',
  'cacheWriteTokens',
  'rejectedPredictionTokens',
] as const satisfies readonly TokenKind[];

/** The statistics with one more call, in place; null is "none so far". */
export function addTokens(known: TokenStatistics | null, tokens: TokenCounts): TokenStatistics {
  const statistics = known ?? { count: 0, mean: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 } };
  const sketches = (statistics.sketches ??= ofTheMean(statistics));
  statistics.count += 1;
  for (const kind of TOKEN_KINDS) {
    const consumed = tokens[kind] ?? 0;
    const before = statistics.mean[kind];
    if (before === undefined && consumed === 0) continue;
    statistics.mean[kind] = (before ?? 0) + (consumed - (before ?? 0)) / statistics.count;
    addToSketch((sketches[kind] ??= {}), consumed);
  }
  return statistics;
}

/** Calls that older code counted are taken to have consumed their mean. */
function ofTheMean({ count, mean }: TokenStatistics): NonNullable<TokenStatistics['sketches']> {
  const sketches: NonNullable<TokenStatistics['sketches']> = {};
  if (count === 0) return sketches;
  for (const kind of TOKEN_KINDS) {
    const tokens = mean[kind] ?? 0;
    if (tokens > 0) addToSketch((sketches[kind] = {}), tokens, count);
  }
  return sketches;
}
