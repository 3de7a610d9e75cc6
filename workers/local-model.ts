import { LLMock, type Mountable } from '@copilotkit/aimock';
import { answerChat } from './local-model-answer';
import { answerEmbeddings } from './local-model-embeddings';
import { answerResponses } from './local-model-responses';
import type { LocalModelFault } from './local-model-faults';
import type { LocalModelRequest } from './local-model-request';
import type { LocalModelBilling } from './local-model-usage';
import { PromptCache } from './prompt-cache';

export type { LocalModelFault } from './local-model-faults';
export type { LocalModelRequest } from './local-model-request';

/** What the local model says to a request. */
export interface LocalModelReply {
  /** @default "" */
  text?: string;
  /** Arguments as plain JSON. @default none */
  toolCalls?: { name: string; arguments: Record<string, unknown> }[];
  /** Time to the first token of this reply, in milliseconds. @default `timeToFirstTokenMs` of the server */
  ttftMs?: number;
  /** @default `tokensPerSecond` of the server */
  tokensPerSecond?: number;
}

export interface LocalModelOptions {
  /** The model's mind: must depend on the request alone. */
  script: (request: LocalModelRequest) => LocalModelReply;
  /** @default 150 */
  timeToFirstTokenMs?: number;
  /** @default 100 */
  tokensPerSecond?: number;
  /** Latencies vary by up to this share, up and down; the same request always alike. @default 0 */
  jitter?: number;
  /** Another seed, other variations. @default 1 */
  seed?: number;
  /** Whether long prompts that begin alike are billed as cached, as OpenAI does. @default true */
  promptCache?: boolean;
  /** Whether usage says how much of a prompt went into the cache, as it does where that is charged for. @default false */
  cacheWrites?: boolean;
  /** Decides on misbehaviour; `attempt` counts earlier requests with the same content, from 0. @default none */
  faults?: (request: LocalModelRequest, attempt: number) => LocalModelFault | null;
  /** @default a free one */
  port?: number;
}

export interface LocalModel {
  /** For OPENAI_BASE_URL, for example `http://127.0.0.1:4010/v1`. */
  baseUrl: string;
  /** Requests answered so far. */
  requests: () => number;
  stop: () => Promise<void>;
}

/** The options, complete, with the state of the server that its answers share. */
export interface LocalModelState
  extends LocalModelBilling, Required<Pick<LocalModelOptions, 'script' | 'timeToFirstTokenMs' | 'seed'>> {
  tokensPerSecond: number;
  jitter: number;
  faults: NonNullable<LocalModelOptions['faults']>;
  /** How often each request body has been seen. */
  attempts: Map<string, number>;
}

const CHAT_COMPLETIONS = '/v1/chat/completions';
const RESPONSES = '/v1/responses';
const EMBEDDINGS = '/v1/embeddings';

/**
 * Starts a model on this machine that answers OpenAI's chat completions call and its Responses API over real HTTP: one delta per token
 * in real time, usage at the end; and the embeddings call, with vectors that know words and no meaning. The server is aimock; its own
 * answers are not used, because its fixtures cut by characters and fix their latency before the request is known.
 */
export async function startLocalModel(options: LocalModelOptions): Promise<LocalModel> {
  const state: LocalModelState = {
    script: options.script,
    timeToFirstTokenMs: options.timeToFirstTokenMs ?? 150,
    tokensPerSecond: options.tokensPerSecond ?? 100,
    jitter: options.jitter ?? 0,
    seed: options.seed ?? 1,
    faults: options.faults ?? (() => null),
    promptCache: options.promptCache === false ? null : new PromptCache(),
    cacheWrites: options.cacheWrites ?? false,
    attempts: new Map(),
  };
  let requests = 0;
  const chat: Mountable = {
    handleRequest: async (request, response) => {
      requests += 1;
      await answerChat(state, request, response);
      return true;
    },
  };
  const responses: Mountable = {
    handleRequest: async (request, response) => {
      requests += 1;
      await answerResponses(state, request, response);
      return true;
    },
  };
  const embeddings: Mountable = {
    handleRequest: async (request, response) => {
      requests += 1;
      await answerEmbeddings({ pace: state, seed: state.seed }, request, response);
      return true;
    },
  };
  const server = new LLMock({ host: '127.0.0.1', port: options.port ?? 0, journalMaxEntries: 1 });
  server.mount(CHAT_COMPLETIONS, chat);
  server.mount(RESPONSES, responses);
  server.mount(EMBEDDINGS, embeddings);
  await server.start();
  return { baseUrl: `${server.url}/v1`, requests: () => requests, stop: () => server.stop() };
}
