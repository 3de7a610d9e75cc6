import { randomUUID } from 'node:crypto';
import type { SSEChunk } from '@copilotkit/aimock';
import type {
  Response,
  ResponseFunctionToolCall,
  ResponseOutputMessage,
  ResponseStreamEvent,
  ResponseUsage,
} from 'openai/resources/responses/responses';

type WithoutNumber<Event> = Event extends unknown ? Omit<Event, 'sequence_number'> : never;
type OpenItem = { index: number } & (
  | { kind: 'message'; item: ResponseOutputMessage; text: string }
  | { kind: 'call'; item: ResponseFunctionToolCall; id: string }
);

/** As it goes over the wire; the text alone is the client's own addition. */
type WireResponse = Omit<Response, 'output_text'>;

/** A response before anything was said. */
export function emptyResponse(request: { model: string; maxOutputTokens: number | null }): WireResponse {
  return {
    id: `resp_${randomUUID()}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: request.maxOutputTokens,
    metadata: {},
    model: request.model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
  };
}

/**
 * The events of a streamed response, in the order in which OpenAI sends them, made of the chunks of the chat completion that says the same:
 * one list of events for each chunk, so one delta for each token.
 */
export class ResponsesEvents {
  readonly #response: WireResponse;
  #open: OpenItem | null = null;
  #number = 0;

  constructor(response: WireResponse) {
    this.#response = response;
  }

  /** What a chunk amounts to. */
  of(chunk: SSEChunk): ResponseStreamEvent[] {
    const delta = chunk.choices[0]?.delta ?? {};
    const events: WithoutNumber<ResponseStreamEvent>[] = [];
    if (delta.role !== undefined) {
      const response = this.#snapshot();
      events.push({ type: 'response.created', response }, { type: 'response.in_progress', response });
    }
    if (typeof delta.content === 'string' && delta.content !== '') this.#say(delta.content, events);
    for (const { id, function: part } of delta.tool_calls ?? []) {
      if (part?.name !== undefined) this.#call(id ?? '', part.name, events);
      if (part?.arguments !== undefined && part.arguments !== '') this.#argue(part.arguments, events);
    }
    return this.#numbered(events);
  }

  /** The end: `length` is a response that is incomplete. */
  end(finishReason: string, usage: ResponseUsage | null): ResponseStreamEvent[] {
    const events: WithoutNumber<ResponseStreamEvent>[] = [];
    this.#close(events, finishReason === 'length' ? 'incomplete' : 'completed');
    const response = this.#response;
    if (usage !== null) response.usage = usage;
    if (finishReason === 'length') {
      response.status = 'incomplete';
      response.incomplete_details = { reason: 'max_output_tokens' };
      events.push({ type: 'response.incomplete', response: this.#snapshot() });
    } else {
      response.status = 'completed';
      events.push({ type: 'response.completed', response: this.#snapshot() });
    }
    return this.#numbered(events);
  }

  #say(delta: string, events: WithoutNumber<ResponseStreamEvent>[]): void {
    if (this.#open?.kind !== 'message') {
      this.#close(events, 'completed');
      const item: ResponseOutputMessage = {
        id: `msg_${randomUUID()}`,
        type: 'message',
        role: 'assistant',
        status: 'in_progress',
        content: [],
      };
      this.#open = { kind: 'message', index: this.#response.output.length, item, text: '' };
      events.push(
        { type: 'response.output_item.added', output_index: this.#open.index, item: { ...item } },
        { type: 'response.content_part.added', ...this.#place(this.#open), part: textPart('') },
      );
    }
    this.#open.text += delta;
    events.push({ type: 'response.output_text.delta', ...this.#place(this.#open), delta, logprobs: [] });
  }

  #call(callId: string, name: string, events: WithoutNumber<ResponseStreamEvent>[]): void {
    this.#close(events, 'completed');
    const id = `fc_${randomUUID()}`;
    const item: ResponseFunctionToolCall = {
      id,
      type: 'function_call',
      status: 'in_progress',
      call_id: callId,
      name,
      arguments: '',
    };
    this.#open = { kind: 'call', index: this.#response.output.length, item, id };
    events.push({ type: 'response.output_item.added', output_index: this.#open.index, item: { ...item } });
  }

  #argue(delta: string, events: WithoutNumber<ResponseStreamEvent>[]): void {
    if (this.#open?.kind !== 'call') return;
    const { item, id, index } = this.#open;
    item.arguments += delta;
    events.push({ type: 'response.function_call_arguments.delta', item_id: id, output_index: index, delta });
  }

  #close(events: WithoutNumber<ResponseStreamEvent>[], status: 'completed' | 'incomplete'): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    open.item.status = status;
    if (open.kind === 'message') {
      const place = this.#place(open);
      open.item.content = [textPart(open.text)];
      events.push(
        { type: 'response.output_text.done', ...place, text: open.text, logprobs: [] },
        { type: 'response.content_part.done', ...place, part: textPart(open.text) },
      );
    } else {
      const { arguments: whole, name } = open.item;
      events.push({
        type: 'response.function_call_arguments.done',
        item_id: open.id,
        output_index: open.index,
        name,
        arguments: whole,
      });
    }
    events.push({ type: 'response.output_item.done', output_index: open.index, item: { ...open.item } });
    this.#response.output.push(open.item);
  }

  #place({ item, index }: OpenItem & { kind: 'message' }): {
    item_id: string;
    output_index: number;
    content_index: number;
  } {
    return { item_id: item.id, output_index: index, content_index: 0 };
  }

  #snapshot(): Response {
    return { ...this.#response, output: [...this.#response.output] } as Response;
  }

  #numbered(events: WithoutNumber<ResponseStreamEvent>[]): ResponseStreamEvent[] {
    return events.map((event) => ({ ...event, sequence_number: this.#number++ }));
  }
}

function textPart(text: string): { type: 'output_text'; text: string; annotations: []; logprobs: [] } {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}
