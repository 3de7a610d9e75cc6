import type { PartialChange } from '../forecast/partial-value';
import type { ReplyParts } from './reply-parts';

/** An event of a streamed response (OpenAI's Responses API). Those of the `openai` package are some. */
export interface ResponseEventLike {
  type: string;
}

interface Item {
  type?: string;
  id?: string;
  call_id?: string;
  name?: string;
  arguments?: string;
}

/** The events that say something of the output; all others are of no interest here. */
type OutputEvent =
  | { type: 'response.output_item.added' | 'response.output_item.done'; output_index: number; item: Item }
  | { type: 'response.output_text.delta'; delta: string }
  | { type: 'response.function_call_arguments.delta'; output_index: number; delta: string }
  | { type: 'response.function_call_arguments.done'; output_index: number; arguments: string }
  | { type: 'response.completed' | 'response.incomplete' };

/** Reads the events of one streamed response. Text of several parts is one text, as in `output_text`. */
export class ResponseFields {
  /** By place in the response's output, which has other items too. */
  readonly #calls = new Map<number, { index: number; said: boolean }>();

  constructor(private readonly parts: ReplyParts) {}

  /** What an event made known. */
  add(event: ResponseEventLike): PartialChange[] {
    const { parts } = this;
    const known = event as OutputEvent;
    switch (known.type) {
      case 'response.output_text.delta':
        return parts.addText(known.delta);
      case 'response.output_item.added':
        return known.item.type === 'function_call' ? this.#begin(known.output_index, known.item) : [];
      case 'response.function_call_arguments.delta':
        return this.#addArguments(known.output_index, known.delta);
      case 'response.function_call_arguments.done':
        return this.#end(known.output_index, known.arguments);
      case 'response.output_item.done': {
        if (known.item.type !== 'function_call') return [];
        const begun = this.#calls.has(known.output_index) ? [] : this.#begin(known.output_index, known.item);
        return [...begun, ...this.#end(known.output_index, known.item.arguments ?? '')];
      }
      case 'response.completed':
      case 'response.incomplete':
        return parts.end();
      default:
        return [];
    }
  }

  #begin(outputIndex: number, item: Item): PartialChange[] {
    const call = { index: this.#calls.size, said: false };
    this.#calls.set(outputIndex, call);
    return this.parts.addCall(call.index, { id: item.call_id ?? item.id ?? '', name: item.name ?? '' });
  }

  #addArguments(outputIndex: number, delta: string): PartialChange[] {
    const call = this.#calls.get(outputIndex);
    if (call === undefined || delta === '') return [];
    call.said = true;
    return this.parts.addCall(call.index, { arguments: delta });
  }

  /** Some providers send no deltas of arguments, only the whole. */
  #end(outputIndex: number, whole: string): PartialChange[] {
    const call = this.#calls.get(outputIndex);
    if (call === undefined) return [];
    const late = call.said ? [] : this.#addArguments(outputIndex, whole);
    return [...late, ...this.parts.endCall(call.index)];
  }
}
