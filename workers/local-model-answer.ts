import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { writeSSEStream, type SSEChunk } from '@copilotkit/aimock';
import type { LocalModelReply, LocalModelState } from './local-model';
import { completeReply, replyChunks, type Envelope } from './local-model-chunks';
import {
  disturb,
  drippingMs,
  hangUp,
  isMidStream,
  refuse,
  refuseByFault,
  withDuplicateEnd,
  type LocalModelFault,
} from './local-model-faults';
import { dueTimesMs } from './local-model-pace';
import { chatRequestSchema, toLocalModelRequest, type ChatRequest } from './local-model-request';
import { usageOf } from './local-model-usage';

const FOREVER_MS = 86_400_000;

/** How a request is read, and how the reply is said, in one of the calls of the provider. */
interface Dialect {
  read: (body: unknown) => ChatRequest;
  speak: (
    state: LocalModelState,
    body: string,
    request: ChatRequest,
    reply: LocalModelReply,
    fault: Exclude<LocalModelFault, { kind: 'error' }> | null,
    response: ServerResponse,
  ) => Promise<void>;
}

/** Answers one chat completions request. */
export function answerChat(state: LocalModelState, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  return answerRequest(state, incoming, response, { read: (body) => chatRequestSchema.parse(body), speak });
}

/** Answers one request, or fails it as the plan of faults says. */
export async function answerRequest(
  state: LocalModelState,
  incoming: IncomingMessage,
  response: ServerResponse,
  dialect: Dialect,
): Promise<void> {
  const body = await readText(incoming);
  let request: ChatRequest;
  let reply: LocalModelReply;
  let fault: LocalModelFault | null;
  try {
    request = dialect.read(JSON.parse(body));
    const asked = toLocalModelRequest(request);
    const attempt = state.attempts.get(body) ?? 0;
    state.attempts.set(body, attempt + 1);
    fault = state.faults(asked, attempt);
    reply = state.script(asked);
  } catch (error) {
    // Not retryable: the same request would meet the same script again.
    refuse(response, 400, `The local model cannot answer: ${String(error)}`);
    return;
  }
  if (fault?.kind === 'error') {
    refuseByFault(response, fault);
    return;
  }
  await dialect.speak(state, body, request, reply, fault, response);
}

async function speak(
  state: LocalModelState,
  body: string,
  request: ChatRequest,
  reply: LocalModelReply,
  fault: Exclude<LocalModelFault, { kind: 'error' }> | null,
  response: ServerResponse,
): Promise<void> {
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
  const envelope: Envelope = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: request.model,
  };
  const { chunks, output, finishReason } = replyChunks(envelope, reply, maxTokens);
  const usage = usageOf(state, request, output);
  const pace = {
    timeToFirstTokenMs: reply.ttftMs ?? state.timeToFirstTokenMs,
    tokensPerSecond: reply.tokensPerSecond ?? state.tokensPerSecond,
    jitter: state.jitter,
  };
  const paceMs = dueTimesMs(chunks.length, pace, `${state.seed} ${body}`);
  const dueMs = fault?.kind === 'slow-drip' ? drippingMs(paceMs, fault) : paceMs;

  const gone = new AbortController();
  // aimock adds a listener for every chunk.
  setMaxListeners(0, gone.signal);
  response.on('close', () => gone.abort());

  if (fault?.kind === 'disconnect-early') {
    await hangUp(response, fault, dueMs[0] ?? 0, gone.signal);
    return;
  }
  if (!request.stream) {
    await pause(dueMs.at(-1) ?? 0, undefined, { signal: gone.signal }).catch(() => undefined);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(completeReply(envelope, output, finishReason, usage)));
    return;
  }
  const startMs = performance.now();
  const waitUntil = (chunk: number): number => Math.max(0, (dueMs[chunk] ?? 0) - (performance.now() - startMs));
  const includeUsage = request.stream_options?.include_usage === true && fault?.kind !== 'no-usage';
  const usageFrame: SSEChunk = { ...envelope, object: 'chat.completion.chunk', choices: [], usage };
  const frames = includeUsage && fault?.kind === 'duplicate-end' ? withDuplicateEnd(chunks, usageFrame) : chunks;
  const pauses = frames.map(() => 0);
  let sent = 0;
  await writeSSEStream(response, frames, {
    signal: gone.signal,
    // Pauses are set one at a time, from the clock: fixed ones would add up every timer's delay.
    recordedTimings: { ttftMs: waitUntil(0), interChunkDelaysMs: pauses, totalDurationMs: dueMs.at(-1) ?? 0 },
    onChunkSent: () => {
      sent += 1;
      pauses[sent - 1] = waitUntil(sent);
      // The first chunk only opens the reply.
      const isDue = isMidStream(fault) && sent - 1 === fault.afterTokens;
      if (isDue && disturb(response, fault)) pauses[sent - 1] = FOREVER_MS;
    },
    ...(includeUsage ? { usageChunk: usageFrame } : {}),
  });
}
