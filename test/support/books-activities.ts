import type { OpenAI } from 'openai';
import { callModel } from '../../activities/model';
import { definePolicy, nextRequestId, recordUsage } from '../../speculation/plugin';
import { TEST_MODEL, TEST_RATES } from './test-rates';

/** What a call is expected to consume; set aside where nobody knows better. */
export const EXPECTED = { inputTokens: 50, outputTokens: 60 };

const cost = { kind: 'model' as const, model: TEST_MODEL, ...EXPECTED };

export const booksPolicy = definePolicy({
  activities: {
    think: { effect: 'none', cost },
    thinkQuietly: { effect: 'none', cost },
    thinkSilently: { effect: 'none', cost },
  },
  prices: { [TEST_MODEL]: TEST_RATES },
});

export function booksActivities(client: OpenAI): Record<string, (question: string) => Promise<string>> {
  const messages = (question: string) => [{ role: 'user' as const, content: question }];
  return {
    think: async (question) => (await callModel({ model: TEST_MODEL, messages: messages(question) }, { client })).text,
    /** Beats once, when the request has been sent, and then never again. */
    thinkQuietly: async (question) => {
      const never = { beatIntervalMs: 1e8, chunkIntervalMs: 1e8 };
      return (await callModel({ model: TEST_MODEL, messages: messages(question) }, { client, ...never })).text;
    },
    /** With code of its own: never beats, and books only at the end. */
    thinkSilently: async (question) => {
      const clientRequestId = nextRequestId();
      const stream = await client.chat.completions.create(
        { model: TEST_MODEL, messages: messages(question), stream: true, stream_options: { include_usage: true } },
        { headers: { 'x-client-request-id': clientRequestId }, maxRetries: 0 },
      );
      let text = '';
      for await (const { id, choices, usage } of stream) {
        text += choices[0]?.delta.content ?? '';
        if (usage == null) continue;
        const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = usage;
        const tokens = { inputTokens, cachedInputTokens: 0, outputTokens };
        recordUsage({ requestId: id, clientRequestId, model: TEST_MODEL, tokens });
      }
      return text;
    },
  };
}
