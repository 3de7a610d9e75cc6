import type { TokenCounts } from '../decision/tokens';

type Counts = Required<TokenCounts>;

/** Token counts that can be priced, and what was wrong with the ones that were given. */
export interface ConsistentTokens {
  tokens: TokenCounts;
  /** Names field, value and way out; null when nothing was wrong. */
  problem: string | null;
}

const KINDS = [
  'inputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'outputTokens',
  'rejectedPredictionTokens',
] as const;

/**
 * Makes token counts usable. Nothing is refused: the call has been paid for, and an error here would fail the activity and have it paid
 * for again. What is no count becomes 0, and a whole that is less than its parts becomes their sum, so that a price is never negative.
 */
export function consistentTokens(given: TokenCounts | undefined): ConsistentTokens {
  const untrusted: Partial<Record<keyof TokenCounts, unknown>> = given ?? {};
  const problems: string[] = [];
  const counts = Object.fromEntries(
    KINDS.map((kind) => [kind, countOf(kind, untrusted, problems)]),
  ) as unknown as Counts;
  const parts = counts.cachedInputTokens + counts.cacheWriteTokens;
  if (parts > counts.inputTokens) {
    problems.push(
      `tokens.inputTokens is ${counts.inputTokens}, less than its parts cachedInputTokens and cacheWriteTokens together (${parts}); ` +
        'some providers report input without them: add them to it',
    );
    counts.inputTokens = parts;
  }
  if (counts.rejectedPredictionTokens > counts.outputTokens) {
    problems.push(
      `tokens.outputTokens is ${counts.outputTokens}, less than its part rejectedPredictionTokens ` +
        `(${counts.rejectedPredictionTokens}); rejected predictions are billed as output: add them to it`,
    );
    counts.outputTokens = counts.rejectedPredictionTokens;
  }
  if (given !== undefined && problems.length === 0) return { tokens: given, problem: null };
  const { inputTokens, cachedInputTokens, outputTokens, cacheWriteTokens, rejectedPredictionTokens } = counts;
  const tokens: TokenCounts = {
    inputTokens,
    cachedInputTokens,
    outputTokens,
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
    ...(rejectedPredictionTokens === 0 ? {} : { rejectedPredictionTokens }),
  };
  return { tokens, problem: problems.join('; ') };
}

function countOf(
  kind: keyof TokenCounts,
  given: Partial<Record<keyof TokenCounts, unknown>>,
  problems: string[],
): number {
  const value = given[kind];
  const optional = kind === 'cacheWriteTokens' || kind === 'rejectedPredictionTokens';
  if (optional && value === undefined) return 0;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  problems.push(`tokens.${kind} is ${String(value)}; give a number of tokens, at least 0`);
  return 0;
}
