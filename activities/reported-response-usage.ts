import { z } from 'zod';
import type { TokenCounts } from '../speculation/decision/tokens';

const count = z.number().int().nonnegative();

const usageSchema = z.object({
  input_tokens: count,
  output_tokens: count,
  input_tokens_details: z.object({ cached_tokens: count.nullish(), cache_write_tokens: count.nullish() }).nullish(),
});

/** The token counts of a finished response; null for a usage that cannot be read: the tokens are then counted here. */
export function reportedResponseTokens(usage: unknown): TokenCounts | null {
  const { data } = usageSchema.safeParse(usage);
  if (data === undefined) return null;
  const written = data.input_tokens_details?.cache_write_tokens ?? 0;
  return {
    inputTokens: data.input_tokens,
    cachedInputTokens: data.input_tokens_details?.cached_tokens ?? 0,
    outputTokens: data.output_tokens,
    ...(written === 0 ? {} : { cacheWriteTokens: written }),
  };
}
