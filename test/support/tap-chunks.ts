import type { OpenAI } from 'openai';
import { countOutputTokens } from '../../activities/count-tokens';
import { DeliveredReply } from '../../workers/delivered-reply';

/**
 * Lets every chunk of the client's streams be seen on its way to whoever asked.
 *
 * @returns output tokens of each request so far, as the meter counts them, in the order of the requests
 */
export function tapChunks(client: OpenAI): () => number[] {
  const replies: DeliveredReply[] = [];
  const tapped = async function* (stream: AsyncIterable<unknown>): AsyncGenerator {
    const reply = new DeliveredReply();
    replies.push(reply);
    for await (const chunk of stream) {
      reply.add(Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`), 0, true);
      yield chunk;
    }
  };
  for (const resource of [client.chat.completions, client.responses]) {
    const create = resource.create.bind(resource) as (...args: unknown[]) => Promise<AsyncIterable<unknown>>;
    Object.assign(resource, { create: async (...args: unknown[]) => tapped(await create(...args)) });
  }
  return () => replies.map(({ text, toolCalls }) => countOutputTokens({ text, toolCalls }));
}
