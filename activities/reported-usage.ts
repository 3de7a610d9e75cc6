import { z } from 'zod';
import type { TokenCounts } from '../speculation/decision/tokens';

const count = z.number().int().nonnegative();

/**
 * Usage as OpenAI-compatible providers report it. Tokens written to the cache have no agreed place: OpenAI and OpenRouter say
 * `cache_write_tokens`, LiteLLM `cache_creation_tokens`, and older versions of it `cache_creation_input_tokens` beside the totals.
 */
const usageSchema = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z
    .object({
      cached_tokens: count.nullish(),
      cache_write_tokens: count.nullish(),
      cache_creation_tokens: count.nullish(),
    })
    .nullish(),
  completion_tokens_details: z.object({ rejected_prediction_tokens: count.nullish() }).nullish(),
  cache_creation_input_tokens: count.nullish(),
});

/**
 * The token counts of a usage frame; null for one that cannot be read, for which the tokens are then counted here: the answer is paid
 * for, and refusing it would only make it be paid twice.
 */
export function reportedTokens(usage: unknown): TokenCounts | null {
  const { data } = usageSchema.safeParse(usage);
  if (data === undefined) return null;
  const { prompt_tokens_details: prompt, completion_tokens_details: completion } = data;
  const written = prompt?.cache_write_tokens ?? prompt?.cache_creation_tokens ?? data.cache_creation_input_tokens ?? 0;
  const rejected = completion?.rejected_prediction_tokens ?? 0;
  return {
    inputTokens: data.prompt_tokens,
    cachedInputTokens: prompt?.cached_tokens ?? 0,
    outputTokens: data.completion_tokens,
    ...(written === 0 ? {} : { cacheWriteTokens: written }),
    ...(rejected === 0 ? {} : { rejectedPredictionTokens: rejected }),
  };
}
