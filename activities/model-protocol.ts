import type { OpenAI } from 'openai';
import type { TokenCounts } from '../speculation/decision/tokens';
import type { ModelRequest } from './model-request';

/** One of the calls by which a model can be asked, streamed. */
export type ModelProtocol = (request: ModelRequest) => {
  /** Where the parts of the answer go as they arrive. */
  received: ReceivedAnswer;
  send: (client: OpenAI, options: SendOptions) => Promise<AsyncIterable<unknown>>;
};

export interface SendOptions {
  headers: Record<string, string>;
  /** Temporal retries: it sees, counts and bills every attempt. */
  maxRetries: 0;
  signal?: AbortSignal;
}

/** A streamed answer as far as it has arrived. */
export interface ReceivedAnswer {
  /** The provider's id of the answer; null before the first chunk. */
  readonly id: string | null;
  readonly text: string;
  /** Arguments as JSON text. */
  readonly toolCalls: readonly { id: string; name: string; arguments: string }[];
  /** `stop`, `tool_calls`, `length`, `content_filter`; null while the model speaks. */
  readonly finishReason: string | null;
  readonly chunks: number;
  /** @throws MalformedChunkError that names the chunk and what is wrong with it */
  add(chunk: unknown): void;
  /** @throws BrokenStreamError when the stream has ended and the model had not */
  assertComplete(): void;
  /** What the request consumed; counted here when the provider did not say: all that was asked, and what arrived of the answer. */
  usage(): { tokens: TokenCounts; estimated: boolean };
}
