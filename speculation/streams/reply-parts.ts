import type { JsonPath, PartialChange } from '../forecast/partial-value';
import { JsonFields } from './json-fields';
import { UnreadableJsonError } from './unreadable-json-error';

/** A streamed reply as one document, with what a provider may say in it. */
export interface StreamedReply<Json = unknown> {
  /** All that the model said in words. */
  readonly text: string;
  /** The same, taken apart as JSON. */
  readonly json: Json;
  /** The tools that the model calls, in order. */
  readonly toolCalls: readonly [StreamedToolCall, ...StreamedToolCall[]];
}

export interface StreamedToolCall {
  /** The provider's id of the call; empty where it gives none. */
  readonly id: string;
  readonly name: string;
  /** Taken apart as JSON. */
  readonly arguments: Record<string, unknown>;
}

interface ToolCall {
  at: JsonPath;
  id: string;
  name: string;
  /** Null until the arguments begin: until then the name may grow. */
  arguments: Document | null;
  done: boolean;
}

/**
 * Turns the parts of a reply, in whatever protocol they come, into changes of the reply as a document. The name of a tool is final when
 * its arguments begin or its call is done.
 */
export class ReplyParts {
  readonly #json: Document | null;
  readonly #calls = new Map<number, ToolCall>();
  #text = '';
  #ended = false;
  #unreadable: UnreadableJsonError | null = null;

  /** @param options.json whether the text is JSON that somebody wants to read */
  constructor(options: { json: boolean }) {
    this.#json = options.json ? new Document(['json']) : null;
  }

  /** Why the text, or the arguments of a tool, cannot be read as JSON; null while they can. */
  get unreadable(): UnreadableJsonError | null {
    return this.#unreadable;
  }

  addText(delta: string): PartialChange[] {
    if (delta === '' || this.#ended) return [];
    this.#text += delta;
    return [{ at: ['text'], begins: this.#text }, ...this.#read(this.#json, delta)];
  }

  /** @param index position among the tool calls of the reply, from 0 */
  addCall(index: number, delta: { id?: string; name?: string; arguments?: string }): PartialChange[] {
    if (this.#ended) return [];
    const changes: PartialChange[] = [];
    const call = this.#calls.get(index) ?? this.#openCall(index, changes);
    if (call.id === '') call.id = delta.id ?? '';
    if (delta.name !== undefined && delta.name !== '' && call.arguments === null) {
      call.name += delta.name;
      changes.push({ at: [...call.at, 'name'], begins: call.name });
    }
    if (delta.arguments === undefined || delta.arguments === '' || call.done) return changes;
    const opened = call.arguments === null ? this.#nameCall(call) : [];
    return [...changes, ...opened, ...this.#read(call.arguments, delta.arguments)];
  }

  /** Nothing more comes of this call. */
  endCall(index: number): PartialChange[] {
    const call = this.#calls.get(index);
    if (call === undefined || call.done) return [];
    call.done = true;
    // Some say nothing at all where a tool takes no arguments.
    const rest: PartialChange[] =
      call.arguments === null
        ? [...this.#nameCall(call), { at: [...call.at, 'arguments'], is: {} }]
        : call.arguments.end();
    return call.arguments?.unreadable === null ? [...rest, { at: call.at, closes: true }] : rest;
  }

  /** The reply is complete. */
  end(): PartialChange[] {
    if (this.#ended) return [];
    const calls = [...this.#calls.keys()].flatMap((index) => this.endCall(index));
    this.#ended = true;
    return [
      { at: ['text'], is: this.#text },
      ...(this.#json?.end() ?? []),
      ...calls,
      this.#calls.size === 0 ? { at: ['toolCalls'], is: [] } : { at: ['toolCalls'], closes: true },
    ];
  }

  #openCall(index: number, changes: PartialChange[]): ToolCall {
    if (this.#calls.size === 0) changes.push({ at: ['toolCalls'], opens: 'array' });
    const call: ToolCall = { at: ['toolCalls', index], id: '', name: '', arguments: null, done: false };
    this.#calls.set(index, call);
    changes.push({ at: call.at, opens: 'object' });
    return call;
  }

  #nameCall(call: ToolCall): PartialChange[] {
    call.arguments = new Document([...call.at, 'arguments']);
    return [
      { at: [...call.at, 'id'], is: call.id },
      { at: [...call.at, 'name'], is: call.name },
    ];
  }

  #read(document: Document | null, delta: string): PartialChange[] {
    if (document === null) return [];
    const changes = document.add(delta);
    this.#unreadable ??= document.unreadable;
    return changes;
  }
}

/** JSON within a reply. What cannot be read ends what is said of it, not the reply. */
class Document {
  readonly #fields: JsonFields;
  unreadable: UnreadableJsonError | null = null;

  constructor(at: JsonPath) {
    this.#fields = new JsonFields({ at });
  }

  add(delta: string): PartialChange[] {
    return this.#attempt(() => this.#fields.add(delta));
  }

  end(): PartialChange[] {
    return this.#attempt(() => this.#fields.end());
  }

  #attempt(read: () => PartialChange[]): PartialChange[] {
    if (this.unreadable !== null) return [];
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UnreadableJsonError)) throw error;
      this.unreadable = error;
      return [];
    }
  }
}
