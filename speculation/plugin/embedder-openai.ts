import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { APIError, OpenAI } from 'openai';
import { JUDGE_TIMEOUT_MS } from '../runtime/equivalence-protocol';
import type { Embedder } from './embedder';
import { countEmbeddingTokens } from './embedding-tokens';
import type { Embed } from './equivalence-policy';
import { ownSignal, type OwnSignal } from './own-signal';
import { recordUsage } from './usage-meter';

/** Nothing says which server embeds. */
export class EmbedderNotConfiguredError extends Error {
  override readonly name = 'EmbedderNotConfiguredError';
  readonly code = 'EMBEDDER_NOT_CONFIGURED';

  constructor(apiKeyVariable: string) {
    super(
      `Texts cannot be compared: neither ${apiKeyVariable} nor a base URL is set. Set the key of an OpenAI-compatible provider, give the ` +
        "equivalence embed: { kind: 'openai', baseUrl }, or compare on this machine with embed: { kind: 'local' }.",
    );
  }
}

const CLIENT_REQUEST_ID = 'x-client-request-id';
/** Codes of connections that were never made, so that nothing was asked. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/** Asks the OpenAI embeddings call, in one request, and books what it consumed as part of the running activity. */
export function openaiEmbedder(
  embed: Embed & { kind: 'openai' },
  environment: NodeJS.ProcessEnv = process.env,
): Embedder {
  const { model } = embed;
  return async (texts) => {
    const client = clientOf(embed, environment);
    const requestId = randomUUID();
    const estimate = async (): Promise<void> => {
      const inputTokens = await countEmbeddingTokens(texts);
      const tokens = { inputTokens, cachedInputTokens: 0, outputTokens: 0 };
      recordUsage({ requestId, model, tokens, estimated: true });
    };
    const own = cancellation();
    let reply: OpenAI.CreateEmbeddingResponse;
    try {
      reply = await client.embeddings.create(
        { model, input: [...texts], encoding_format: 'float' },
        { headers: { [CLIENT_REQUEST_ID]: requestId }, ...(own !== null && { signal: own.signal }) },
      );
    } catch (error) {
      if (mayHaveBeenAnswered(error)) await estimate();
      throw error;
    } finally {
      own?.letGo();
    }
    // Some servers of this call say nothing about usage.
    const usage = reply.usage as OpenAI.CreateEmbeddingResponse.Usage | undefined;
    if (usage === undefined) await estimate();
    else {
      const tokens = { inputTokens: usage.prompt_tokens, cachedInputTokens: 0, outputTokens: 0 };
      recordUsage({ requestId, model, tokens });
    }
    const vectors = [...reply.data].sort((left, right) => left.index - right.index).map(({ embedding }) => embedding);
    if (vectors.length !== texts.length) {
      throw new Error(`${model} was asked for ${texts.length} embeddings and gave ${vectors.length}.`);
    }
    return vectors;
  };
}

function clientOf({ baseUrl, apiKeyVariable }: Embed & { kind: 'openai' }, environment: NodeJS.ProcessEnv): OpenAI {
  const baseURL = baseUrl ?? environment['OPENAI_BASE_URL'] ?? '';
  const apiKey = environment[apiKeyVariable] ?? '';
  if (baseURL === '' && apiKey === '') throw new EmbedderNotConfiguredError(apiKeyVariable);
  return new OpenAI({
    // Many servers on one's own machine ask for no key.
    apiKey: apiKey === '' ? 'none' : apiKey,
    ...(baseURL === '' ? {} : { baseURL }),
    // Whoever asks waits for no second try.
    maxRetries: 0,
    timeout: JUDGE_TIMEOUT_MS,
    logLevel: 'off',
  });
}

function cancellation(): OwnSignal | null {
  let followed: AbortSignal;
  try {
    followed = Context.current().cancellationSignal;
  } catch {
    return null; // Outside of an activity, as in a test.
  }
  return ownSignal(followed);
}

/** A server that refused bills nothing, and one that was never reached neither. */
function mayHaveBeenAnswered(error: unknown): boolean {
  if (error instanceof APIError && typeof (error.status as unknown) === 'number') return false;
  return !causesOf(error).some(({ code }) => typeof code === 'string' && NEVER_SENT.has(code));
}

/** fetch wraps what happened twice; the innermost error says it. */
function causesOf(error: unknown): { code?: unknown; cause?: unknown }[] {
  if (typeof error !== 'object' || error === null) return [];
  const { cause } = error as { cause?: unknown };
  return [error, ...causesOf(cause)];
}
