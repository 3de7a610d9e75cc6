import { JsonFields } from './json-fields';

/**
 * The value of a complete JSON text, read by the rule that streamed JSON is read by: as `JSON.parse` reads it, but an object that says a
 * key twice is refused.
 *
 * @throws UnreadableJsonError
 */
export function readJson(text: string): unknown {
  const fields = new JsonFields();
  fields.add(text);
  fields.end();
  return JSON.parse(text);
}
