import type { SSEChunk } from '@copilotkit/aimock';
import { countOutputTokens, countPromptTokens, tokenIds, type ChatOutput } from '../activities/count-tokens';
import type { ChatRequest } from './local-model-request';
import type { PromptCache } from './prompt-cache';

/** Where the local model looks things up that its bill depends on. */
export interface LocalModelBilling {
  promptCache: PromptCache | null;
  /** Whether tokens that went into the cache are reported. */
  cacheWrites: boolean;
}

/** What a request used, as providers report it. Remembers the prompt, if there is a cache. */
export function usageOf(
  { promptCache, cacheWrites }: LocalModelBilling,
  request: ChatRequest,
  output: ChatOutput,
): NonNullable<SSEChunk['usage']> {
  const { model, messages, tools, prediction } = request;
  const inputTokens = countPromptTokens({ messages, tools });
  const { read, written } = promptCache?.look([model, tools, messages]) ?? { read: 0, written: 0 };
  const cached = Math.min(read, inputTokens);
  const rejected = prediction == null ? 0 : rejectedTokens(prediction.content, output.text);
  const completion = countOutputTokens(output) + rejected;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: completion,
    total_tokens: inputTokens + completion,
    prompt_tokens_details: {
      cached_tokens: cached,
      ...(cacheWrites ? { cache_write_tokens: Math.min(written, inputTokens - cached) } : {}),
    },
    ...(prediction == null
      ? {}
      : { completion_tokens_details: { reasoning_tokens: 0, rejected_prediction_tokens: rejected } }),
  };
}

/**
 * Tokens of a predicted output that the answer does not have at its beginning or its end. Providers find further matches in between;
 * that they bill what is left over as output is what counts here.
 */
function rejectedTokens(prediction: string, said: string): number {
  const [predicted, real] = [tokenIds(prediction), tokenIds(said)];
  const longest = Math.min(predicted.length, real.length);
  let begin = 0;
  while (begin < longest && predicted[begin] === real[begin]) begin += 1;
  let end = 0;
  while (end < longest - begin && predicted.at(-1 - end) === real.at(-1 - end)) end += 1;
  return predicted.length - begin - end;
}
