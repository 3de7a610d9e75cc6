import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import type { ChatPrompt } from '../activities/count-tokens';
import { DeliveredReply } from './delivered-reply';
import { countEmbeddingInput } from './embedding-input';
import { withoutConnectionHeaders, type Upstream } from './meter-upstream';
import { asChatRequest } from './responses-request';

const promptSchema = z.looseObject({
  model: z.string(),
  // Texts to embed; the other fields are those of a chat.
  input: z.union([z.string(), z.array(z.string())]).optional(),
  messages: z
    .array(
      z.looseObject({
        role: z.string(),
        content: z
          .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
          .nullish(),
        tool_calls: z.array(z.object({ function: z.object({ name: z.string(), arguments: z.string() }) })).nullish(),
      }),
    )
    .default([]),
  tools: z
    .array(
      z.object({
        function: z.object({
          name: z.string(),
          description: z.string().optional(),
          parameters: z.record(z.string(), z.unknown()).optional(),
        }),
      }),
    )
    .optional(),
});

/** One request and its reply on their way through the meter. Times are milliseconds since 1970, with fractions. */
export class MeteredExchange {
  /** What was asked; null until the request is on its way to the model, and for ever when it asks none. */
  prompt: (ChatPrompt & { model: string; input?: string | string[] | undefined }) | null = null;
  /** Tokens of the texts to embed; null for a chat. */
  embeddedTokens: number | null = null;
  readonly reply = new DeliveredReply();
  readonly startedAtMs = nowMs();
  closedAtMs: number | null = null;
  status: number | null = null;
  bytes = 0;
  /** True when everything that the model said has been handed to the client's connection. */
  delivered = false;
  readonly clientRequestId: string | null;

  constructor(
    private readonly upstream: Upstream,
    private readonly incoming: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    const id = incoming.headers['x-client-request-id'];
    this.clientRequestId = typeof id === 'string' ? id : null;
  }

  /** Passes request and reply on. @returns whether the request reached the model */
  async run(): Promise<boolean> {
    const gone = new AbortController();
    this.response.once('close', () => {
      this.closedAtMs = nowMs();
      gone.abort();
    });
    let body: Buffer;
    try {
      body = await buffer(this.incoming);
    } catch {
      // The client left before it had said everything: nothing was asked, nothing is billed.
      return false;
    }
    try {
      await this.pass(body, gone.signal);
    } catch {
      // Either side broke off; what was delivered until then stands in the fields, and still has to arrive.
      if (this.response.socket === null) this.response.destroy();
      else this.response.socket.destroySoon();
    }
    if (!gone.signal.aborted) await once(this.response, 'close');
    return this.prompt !== null;
  }

  private async pass(body: Buffer, gone: AbortSignal): Promise<void> {
    const { method = 'GET', url = '/', headers } = this.incoming;
    const prompt = readPrompt(body, url);
    if (prompt?.input !== undefined) this.embeddedTokens = await countEmbeddingInput(prompt.input);
    gone.throwIfAborted();
    const request = this.upstream.send(method, url, headers, body);
    gone.addEventListener('abort', () => request.destroy(), { once: true });
    this.prompt = prompt;
    const [reply] = (await once(request, 'response').catch((cause: unknown) => {
      // A model that has the whole request and hangs up may bill it; the client hears nothing then, as without a meter.
      if (!gone.aborted && !request.writableFinished) this.refuse(cause);
      throw cause;
    })) as [IncomingMessage];
    this.status = reply.statusCode ?? 502;
    this.response.writeHead(this.status, withoutConnectionHeaders(reply.headers));
    this.response.flushHeaders();
    const streamed = (reply.headers['content-type'] ?? '').startsWith('text/event-stream');
    for await (const part of reply as AsyncIterable<Buffer>) {
      if (gone.aborted) return;
      const flowing = this.response.write(part);
      this.bytes += part.length;
      if (this.status < 400) this.reply.add(part, nowMs(), streamed);
      if (!flowing) await once(this.response, 'drain', { signal: gone });
    }
    if (gone.aborted) return;
    this.response.end();
    await once(this.response, 'close');
    this.delivered = this.response.writableFinished;
  }

  private refuse(cause: unknown): void {
    // It never reached the model.
    this.prompt = null;
    const message = `The meter cannot reach the model: ${cause instanceof Error ? cause.message : String(cause)}`;
    this.response.writeHead(502, { 'content-type': 'application/json' });
    this.response.end(JSON.stringify({ error: { message, type: 'server_error' } }));
  }
}

function readPrompt(body: Buffer, url: string): MeteredExchange['prompt'] {
  try {
    const asked: unknown = JSON.parse(body.toString('utf8'));
    if (/\/responses(\?|$)/.test(url)) return asChatRequest(asked);
    const parsed = promptSchema.safeParse(asked);
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
