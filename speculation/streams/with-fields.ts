import { OutputFields, type FieldsOptions, type ReplyChunk } from './output-fields';

/**
 * Passes a streamed reply on, chunk by chunk, and tells the pipeline of the running activity what of its output is final by then. Reads
 * streamed chat completions and responses of the `openai` package, and what looks like them. Where the pipeline does not follow the output
 * (and there is no schema to hold it against), the stream is passed on and nothing else happens.
 *
 * @example
 * const stream = await openai.chat.completions.create({ ...request, stream: true });
 * for await (const chunk of withFields(stream, { as: 'json', schema })) text += chunk.choices[0]?.delta.content ?? '';
 *
 * @throws SchemaMisfitError, and the stream is closed, when the reply can no longer become an output that fits the schema
 * @throws UnreadableJsonError likewise, when it is no JSON
 * @throws TypeError when `as` does more than put parts of the reply into objects
 */
export async function* withFields<Chunk extends ReplyChunk, Output = unknown, Json = unknown>(
  stream: AsyncIterable<Chunk>,
  options: FieldsOptions<Output, Json> = {},
): AsyncGenerator<Chunk, void, undefined> {
  const fields = new OutputFields(options as FieldsOptions);
  for await (const chunk of stream) {
    fields.add(chunk);
    yield chunk;
  }
}
