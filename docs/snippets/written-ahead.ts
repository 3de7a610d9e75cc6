import { Context } from '@temporalio/activity';
import { APIError, OpenAI } from 'openai';
import { dropRunningUsage, nextRequestId, recordUsage, reportRunningUsage } from 'runahead';

const model = 'gpt-4o-mini';
const openai = new OpenAI({ maxRetries: 0 });

export async function summarise(text: string): Promise<string> {
  const context = Context.current();
  const clientRequestId = nextRequestId();
  const options = { signal: context.cancellationSignal, headers: { 'x-client-request-id': clientRequestId } };
  const asking = openai.chat.completions.create(
    { model, messages: [{ role: 'user', content: `Summarise:\n\n${text}` }] },
    options,
  );
  // The provider bills from here on, whether or not this worker lives to see the answer.
  const inputTokens = Math.ceil(text.length / 4);
  reportRunningUsage({
    requestId: clientRequestId,
    model,
    tokens: { inputTokens, cachedInputTokens: 0, outputTokens: 0 },
  });
  context.heartbeat();
  try {
    const { id, choices, usage } = await asking;
    if (usage !== undefined) {
      const cachedInputTokens = usage.prompt_tokens_details?.cached_tokens ?? 0;
      const tokens = { inputTokens: usage.prompt_tokens, cachedInputTokens, outputTokens: usage.completion_tokens };
      recordUsage({ requestId: id, clientRequestId, model, tokens });
    }
    return choices[0]?.message.content ?? '';
  } catch (error) {
    // An error status: nothing was produced, and nothing is billed.
    if (error instanceof APIError && typeof (error.status as unknown) === 'number') {
      dropRunningUsage({ requestId: clientRequestId });
    }
    throw error;
  }
}
