/** What is wrong with a text; stable, for programs. */
export type JsonProblem = 'syntax' | 'duplicate-key' | 'truncated' | 'trailing-text';

const WAYS_OUT: Record<JsonProblem, string> = {
  syntax: 'Ask again, for JSON (RFC 8259) and nothing else.',
  'duplicate-key': 'Ask again, for an object that says each key once: JSON does not define which of the values counts.',
  truncated: 'Ask again, with room for the whole answer.',
  'trailing-text': 'Ask again, for one JSON value and nothing after it.',
};

/** A text that is not one JSON document with one value for each key. Nothing of it is announced after this. */
export class UnreadableJsonError extends Error {
  readonly code = 'RUNAHEAD_UNREADABLE_JSON';
  override readonly name = 'UnreadableJsonError';

  constructor(
    readonly problem: JsonProblem,
    /** Where, in UTF-16 code units from the beginning of the text. */
    readonly position: number,
    found: string,
    options?: ErrorOptions,
  ) {
    super(`JSON text: ${found} at position ${position}. ${WAYS_OUT[problem]}`, options);
  }
}
