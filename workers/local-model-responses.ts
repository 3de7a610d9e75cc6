import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { SSEChunk } from '@copilotkit/aimock';
import type { ResponseStreamEvent, ResponseUsage } from 'openai/resources/responses/responses';
import type { LocalModelReply, LocalModelState } from './local-model';
import { answerRequest } from './local-model-answer';
import { replyChunks } from './local-model-chunks';
import { disturb, drippingMs, hangUp, isMidStream, type LocalModelFault } from './local-model-faults';
import { dueTimesMs } from './local-model-pace';
import type { ChatRequest } from './local-model-request';
import { usageOf } from './local-model-usage';
import { emptyResponse, ResponsesEvents } from './responses-events';
import { asChatRequest } from './responses-request';

type FaultOfAnswer = Exclude<LocalModelFault, { kind: 'error' }> | null;

/** Answers one request of the Responses API: same script, pace, faults and usage as a chat completion. */
export function answerResponses(
  state: LocalModelState,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  return answerRequest(state, incoming, response, { read: asChatRequest, speak });
}

async function speak(
  state: LocalModelState,
  body: string,
  request: ChatRequest,
  reply: LocalModelReply,
  fault: FaultOfAnswer,
  response: ServerResponse,
): Promise<void> {
  const maxOutputTokens = request.max_completion_tokens ?? null;
  const envelope = { id: `chatcmpl-${randomUUID()}`, created: 0, model: request.model };
  const { chunks, output, finishReason } = replyChunks(envelope, reply, maxOutputTokens ?? Number.POSITIVE_INFINITY);
  const usage = fault?.kind === 'no-usage' ? null : asResponseUsage(usageOf(state, request, output));
  const events = new ResponsesEvents(emptyResponse({ model: request.model, maxOutputTokens }));
  const batches = chunks.slice(0, -1).map((chunk) => events.of(chunk));
  const end = events.end(finishReason, usage);
  batches.push(end, ...(fault?.kind === 'duplicate-end' ? [end] : []));

  const pace = {
    timeToFirstTokenMs: reply.ttftMs ?? state.timeToFirstTokenMs,
    tokensPerSecond: reply.tokensPerSecond ?? state.tokensPerSecond,
    jitter: state.jitter,
  };
  const paceMs = dueTimesMs(batches.length, pace, `${state.seed} ${body}`);
  const dueMs = fault?.kind === 'slow-drip' ? drippingMs(paceMs, fault) : paceMs;
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  if (fault?.kind === 'disconnect-early') {
    await hangUp(response, fault, dueMs[0] ?? 0, gone.signal);
    return;
  }
  if (request.stream) {
    await stream(response, batches, dueMs, fault, gone.signal);
    return;
  }
  await pause(dueMs.at(-1) ?? 0, undefined, { signal: gone.signal }).catch(() => undefined);
  const last = end.at(-1);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(last !== undefined && 'response' in last ? last.response : null));
}

/** Sends each batch when it is due; the first one only opens the response. */
async function stream(
  response: ServerResponse,
  batches: readonly (readonly ResponseStreamEvent[])[],
  dueMs: readonly number[],
  fault: FaultOfAnswer,
  gone: AbortSignal,
): Promise<void> {
  const startMs = performance.now();
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  for (const [sent, batch] of batches.entries()) {
    const waitMs = (dueMs[sent] ?? 0) - (performance.now() - startMs);
    if (waitMs > 0) await pause(waitMs, undefined, { signal: gone }).catch(() => undefined);
    if (gone.aborted || response.writableEnded) return;
    response.write(batch.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
    // A stream that stands still does so until the client leaves.
    if (isMidStream(fault) && sent === fault.afterTokens && disturb(response, fault)) return;
  }
  response.end();
}

function asResponseUsage(usage: NonNullable<SSEChunk['usage']>): ResponseUsage {
  const { prompt_tokens: input, completion_tokens: output, prompt_tokens_details: details } = usage;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: details?.cached_tokens ?? 0,
      cache_write_tokens: details?.cache_write_tokens ?? 0,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}
