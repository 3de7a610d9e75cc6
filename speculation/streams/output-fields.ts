import type { z } from 'zod';
import { changesOfChunk, type ChatCompletionChunkLike } from './chat-completion-fields';
import { OutputMapping } from './output-mapping';
import { outputStream, type OutputStream } from './output-stream';
import { ReplyParts, type StreamedReply } from './reply-parts';
import { ResponseFields, type ResponseEventLike } from './response-fields';
import { SchemaFields } from './schema-fields';
import type { UnreadableJsonError } from './unreadable-json-error';

/** What of an activity's output a streamed reply says. */
export interface FieldsOptions<Output = unknown, Json = unknown> {
  /**
   * `json`: the text of the reply is the output, as JSON. `text`: the text itself is. A function puts parts of the reply at their places
   * in the output: it is called once, before anything has arrived, and may not compute with them. @default "json"
   *
   * @example (reply) => ({ kind: 'call' as const, tool: reply.toolCalls[0].name, args: reply.toolCalls[0].arguments })
   */
  as?: 'json' | 'text' | ((reply: StreamedReply<Json>) => Output);
  /**
   * What the output must fit. What a schema may still change is not published; what can no longer fit ends the stream at once.
   * @default anything is published as it comes
   */
  schema?: z.ZodType<Output>;
  /**
   * Whether an object that says a key twice ends the stream at once, as text that is no JSON does. For whoever refuses such an answer in
   * the end, as `callModelJson` does. @default false: `JSON.parse` takes the last one, and nothing more is published
   */
  eachKeyOnce?: boolean;
}

/** A chunk of a chat completion, or an event of a response. */
export type ReplyChunk = ChatCompletionChunkLike | ResponseEventLike;

/** Reads a streamed reply, and publishes what becomes known of the activity's output. */
export class OutputFields {
  readonly #parts: ReplyParts;
  readonly #response: ResponseFields;
  readonly #mapping: OutputMapping;
  readonly #schema: SchemaFields | null;
  readonly #eachKeyOnce: boolean;
  readonly #stream: OutputStream;

  /** @throws TypeError when `as` does more than put parts of the reply into objects */
  constructor({ as = 'json', schema, eachKeyOnce = false }: FieldsOptions, stream = outputStream()) {
    this.#mapping = new OutputMapping(typeof as === 'function' ? as : (reply) => reply[as]);
    this.#parts = new ReplyParts({ json: this.#mapping.uses('json') });
    this.#response = new ResponseFields(this.#parts);
    this.#schema = schema === undefined ? null : new SchemaFields(schema);
    this.#eachKeyOnce = eachKeyOnce;
    this.#stream = stream;
  }

  /**
   * @throws SchemaMisfitError when what has arrived can no longer become an output that fits the schema
   * @throws UnreadableJsonError when it is no JSON, and the output has a schema or must say each key once
   */
  add(chunk: ReplyChunk): void {
    if (!this.#stream.followed && this.#schema === null && !this.#eachKeyOnce) return;
    const changes = 'choices' in chunk ? changesOfChunk(this.#parts, chunk) : this.#response.add(chunk);
    const mapped = this.#mapping.map(changes);
    this.#stream.add(this.#schema === null ? mapped : this.#schema.add(mapped));
    const { unreadable } = this.#parts;
    if (unreadable !== null && this.#endsWith(unreadable)) throw unreadable;
  }

  /** Of a key that comes twice `JSON.parse` takes the last one: no misfit, unless whoever reads the answer says so. */
  #endsWith({ problem }: UnreadableJsonError): boolean {
    return this.#eachKeyOnce || (this.#schema !== null && problem !== 'duplicate-key');
  }
}
