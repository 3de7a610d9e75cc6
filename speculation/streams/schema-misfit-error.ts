import { shownValue } from '../decision/shown-value';
import type { JsonPath } from '../forecast/partial-value';

/** What was streamed is final and does not fit the schema of the output: the rest need not be paid for. */
export class SchemaMisfitError extends Error {
  readonly code = 'RUNAHEAD_SCHEMA_MISFIT';
  override readonly name = 'SchemaMisfitError';

  constructor(
    /** Where in the document. */
    readonly path: JsonPath,
    /** What the schema wants there. */
    readonly expected: string,
    readonly value: unknown,
    options?: ErrorOptions,
  ) {
    const place = path.length === 0 ? 'the whole value' : path.join('.');
    super(
      `Streamed output: ${place} is ${shownValue(value)}, which does not fit the schema (${expected}). ` +
        'Ask again, or correct the schema or what the model is told about it.',
      options,
    );
  }
}
