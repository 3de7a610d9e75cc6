import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { SSEChunk } from '@copilotkit/aimock';

/** A misbehaviour of the local model. Token positions count the pieces of the reply. */
export type LocalModelFault =
  /** An error status instead of an answer. `retryAfter` says when to ask again: as seconds, or as a date so many seconds from now. */
  | {
      kind: 'error';
      status: number;
      message?: string;
      retryAfterSeconds?: number;
      /** @default "seconds" */
      retryAfterAs?: 'seconds' | 'date';
    }
  /** The connection breaks when the first token would be due: with nothing said at all, or with nothing but the head of the answer. */
  | { kind: 'disconnect-early'; after: 'request' | 'head' }
  /** The connection breaks after that many tokens. */
  | { kind: 'disconnect'; afterTokens: number }
  /** A chunk that is not JSON follows that many tokens. */
  | { kind: 'malformed'; afterTokens: number }
  /** Nothing comes any more after that many tokens, and the connection stays open. */
  | { kind: 'stall'; afterTokens: number }
  /** After that many tokens the stream says that the server failed, and ends. */
  | { kind: 'error-frame'; afterTokens: number; message?: string }
  /** The chunks come that many milliseconds apart, whatever the model's speed is. */
  | { kind: 'slow-drip'; intervalMs: number }
  /** What ends the stream, the reason and the usage, comes twice. Nothing in a chunk tells whether it came before. */
  | { kind: 'duplicate-end' }
  /** The stream ends without a usage frame. */
  | { kind: 'no-usage' };

/** Those that come in the middle of a stream. */
type MidStreamFault = Extract<LocalModelFault, { afterTokens: number }>;

export function isMidStream(fault: LocalModelFault | null): fault is MidStreamFault {
  return fault !== null && 'afterTokens' in fault;
}

/** Answers with an error status. @param retryAfter value of the header. @default none */
export function refuse(response: ServerResponse, status: number, message: string, retryAfter?: string): void {
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
  response.end(JSON.stringify({ error: { message, type, param: null, code: null } }));
}

export function refuseByFault(response: ServerResponse, fault: Extract<LocalModelFault, { kind: 'error' }>): void {
  const { status, message = `Fault: status ${status}`, retryAfterSeconds: seconds, retryAfterAs } = fault;
  // A provider that limits rates says when to come back, also where the plan does not.
  const wait = seconds ?? (status === 429 ? 1 : undefined);
  const retryAfter = wait === undefined ? undefined : retryAfterAs === 'date' ? dateIn(wait) : String(wait);
  refuse(response, status, message, retryAfter);
}

function dateIn(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toUTCString();
}

/** Breaks the connection after `afterMs`, before a token was said. */
export async function hangUp(
  response: ServerResponse,
  { after }: Extract<LocalModelFault, { kind: 'disconnect-early' }>,
  afterMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (after === 'head') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
  }
  await pause(afterMs, undefined, { signal }).catch(() => undefined);
  response.socket?.destroySoon();
}

/** Does to the stream what the fault says. @returns whether the stream stands still from now on */
export function disturb(response: ServerResponse, fault: MidStreamFault): boolean {
  switch (fault.kind) {
    case 'disconnect':
      // What was said before it still arrives.
      response.socket?.destroySoon();
      return true;
    case 'malformed':
      response.write('data: {"id": "chatcmpl-\n\n');
      return false;
    case 'error-frame': {
      const error = { message: fault.message ?? 'Fault: error in the stream', type: 'server_error', code: null };
      response.end(`data: ${JSON.stringify({ error })}\n\n`);
      return true;
    }
    case 'stall':
      return true;
  }
}

/** When each chunk is due, in milliseconds after the request: the first as ever, the others one interval apart. */
export function drippingMs(
  dueMs: readonly number[],
  { intervalMs }: Extract<LocalModelFault, { kind: 'slow-drip' }>,
): number[] {
  return dueMs.map((_, chunk) => (dueMs[0] ?? 0) + chunk * intervalMs);
}

/** The frames of a stream whose end is delivered twice; the sender adds the last usage frame itself. */
export function withDuplicateEnd(chunks: readonly SSEChunk[], usageFrame: SSEChunk): SSEChunk[] {
  return [...chunks, usageFrame, ...chunks.slice(-1)];
}
