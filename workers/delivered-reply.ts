import { StringDecoder } from 'node:string_decoder';
import { deliveredEvent, type DeliveredEvent } from './delivered-event';

/** Usage as the provider reported it. */
export interface ReportedUsage {
  inputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  rejectedPredictionTokens: number;
}

/** What of a reply has left towards the client, read from the very bytes that were passed on. */
export class DeliveredReply {
  /** The provider's id of the reply. */
  id: string | null = null;
  text = '';
  /** By index of the tool call. */
  readonly toolCalls: { name: string; arguments: string }[] = [];
  /** The last frame with usage that was passed on whole. */
  usage: ReportedUsage | null = null;
  /** Whether the model said that it is done. */
  finished = false;
  firstTokenAtMs: number | null = null;
  lastTokenAtMs: number | null = null;
  private readonly decoder = new StringDecoder('utf8');
  private pending = '';

  /** @param streamed server-sent events; otherwise one JSON document */
  add(part: Buffer, atMs: number, streamed: boolean): void {
    this.pending += this.decoder.write(part);
    if (!streamed) {
      if (this.read(this.pending, atMs)) this.pending = '';
      return;
    }
    const frames = this.pending.split(/\r?\n\r?\n/);
    this.pending = frames.pop() ?? '';
    for (const frame of frames) {
      for (const line of frame.split(/\r?\n/)) if (line.startsWith('data:')) this.read(line.slice(5), atMs);
    }
  }

  private read(json: string, atMs: number): boolean {
    let frame: unknown;
    try {
      frame = JSON.parse(json);
    } catch {
      // `[DONE]`, half a document, or a malformed frame: passed on, but nothing to count.
      return false;
    }
    const event = deliveredEvent(frame);
    if (event !== null) {
      this.readEvent(event, atMs);
      return true;
    }
    const id = field(frame, 'id');
    if (typeof id === 'string') this.id ??= id;
    const choice = item(field(frame, 'choices'), 0);
    this.readDelta(field(choice, 'delta') ?? field(choice, 'message'), atMs);
    if (typeof field(choice, 'finish_reason') === 'string') this.finished = true;
    // Embeddings come in one piece, as a list.
    if (field(frame, 'object') === 'list') this.finished = true;
    this.readUsage(field(frame, 'usage'));
    return true;
  }

  private readEvent({ id, text, call, usage, finished }: DeliveredEvent, atMs: number): void {
    this.id ??= id;
    this.text += text;
    let said = text !== '';
    if (call !== null) {
      const known = (this.toolCalls[call.place] ??= { name: '', arguments: '' });
      said ||= known.name === '' || (call.delta ?? '') !== '';
      known.name = call.name ?? known.name;
      known.arguments = call.delta === undefined ? (call.whole ?? '') : known.arguments + call.delta;
    }
    if (said) {
      this.firstTokenAtMs ??= atMs;
      this.lastTokenAtMs = atMs;
    }
    this.finished ||= finished;
    if (usage === null) return;
    const input = field(usage, 'input_tokens_details');
    const counts = {
      inputTokens: field(usage, 'input_tokens') ?? null,
      cachedInputTokens: field(input, 'cached_tokens') ?? 0,
      cacheWriteTokens: field(input, 'cache_write_tokens') ?? 0,
      outputTokens: field(usage, 'output_tokens') ?? null,
      rejectedPredictionTokens: 0,
    };
    this.usage = areTokens(counts) ? counts : null;
  }

  private readDelta(delta: unknown, atMs: number): void {
    const said = this.text.length + this.toolCalls.length;
    const content = field(delta, 'content');
    if (typeof content === 'string') this.text += content;
    const calls = field(delta, 'tool_calls');
    let called = false;
    for (const [position, part] of (Array.isArray(calls) ? calls : []).entries()) {
      const index = field(part, 'index') ?? position;
      if (typeof index !== 'number' || !Number.isInteger(index) || index < 0) continue;
      const call = (this.toolCalls[index] ??= { name: '', arguments: '' });
      const [name, text] = [field(field(part, 'function'), 'name'), field(field(part, 'function'), 'arguments')];
      if (typeof name === 'string') call.name += name;
      if (typeof text === 'string') call.arguments += text;
      called = true;
    }
    if (this.text.length + this.toolCalls.length === said && !called) return;
    this.firstTokenAtMs ??= atMs;
    this.lastTokenAtMs = atMs;
  }

  private readUsage(usage: unknown): void {
    if (usage === undefined || usage === null) return;
    const [prompt, completion] = [field(usage, 'prompt_tokens_details'), field(usage, 'completion_tokens_details')];
    const written = [
      field(prompt, 'cache_write_tokens'),
      field(prompt, 'cache_creation_tokens'),
      field(usage, 'cache_creation_input_tokens'),
    ].find((tokens) => tokens !== undefined && tokens !== null);
    const counts = {
      inputTokens: field(usage, 'prompt_tokens') ?? null,
      cachedInputTokens: field(prompt, 'cached_tokens') ?? 0,
      cacheWriteTokens: written ?? 0,
      outputTokens: field(usage, 'completion_tokens') ?? 0,
      rejectedPredictionTokens: field(completion, 'rejected_prediction_tokens') ?? 0,
    };
    // A frame that cannot be read is none: the tokens are then counted here.
    this.usage = areTokens(counts) ? counts : null;
  }
}

function areTokens(counts: Record<keyof ReportedUsage, unknown>): counts is ReportedUsage {
  return Object.values(counts).every((count) => typeof count === 'number' && Number.isInteger(count) && count >= 0);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function item(value: unknown, index: number): unknown {
  return Array.isArray(value) ? (value as unknown[])[index] : undefined;
}
