import type { z } from 'zod';
import { UNKNOWN, withChange, type JsonPath, type PartialChange, type PartialValue } from '../forecast/partial-value';
import { changesBetween } from './changes-between';
import { KeptValues } from './kept-value';
import { SchemaMisfitError } from './schema-misfit-error';

/**
 * What of streamed JSON is certain of the finished value, where that is what a schema makes of the text.
 *
 * Announces a value if the schema leaves it as it was read: not what it strips, nor what a transform, `coerce`, `preprocess`, `pipe` or
 * `catch` changes. Inside of what such a schema makes, nothing is certain before it is complete. Of a union, it announces what all
 * options keep that still can fit: the first of them that fits will decide. A schema that has to wait (async) announces nothing.
 *
 * A `refine` is taken to look only; a schema is asked several times, so code in it should be pure and cheap.
 */
export class SchemaFields {
  readonly #at: JsonPath;
  readonly #schema: z.core.$ZodType;
  readonly #keptValues = new KeptValues();
  #read: PartialValue = UNKNOWN;
  #kept: PartialValue = UNKNOWN;
  #failure: SchemaMisfitError | null = null;

  /** `at` is where in the changes the schema's value is. */
  constructor(schema: z.core.$ZodType, options: { at?: JsonPath } = {}) {
    this.#schema = schema;
    this.#at = options.at ?? [];
  }

  /**
   * What became certain by changes that `JsonFields` found. Takes time in proportion to what is beside the changed places, so pass on
   * together what came together.
   *
   * @throws SchemaMisfitError as soon as the value cannot fit any more, at the latest with the change that completes it; from then on
   * always. What was announced before counts for nothing then.
   */
  add(changes: readonly PartialChange[]): PartialChange[] {
    if (this.#failure !== null) throw this.#failure;
    const depth = this.#at.length;
    for (const change of changes) this.#read = withChange(this.#read, { ...change, at: change.at.slice(depth) });
    const { kept, misfit } = this.#keptValues.of(this.#schema, this.#read);
    if (misfit !== null) {
      const { path, expected, value, cause } = misfit;
      this.#failure = new SchemaMisfitError([...this.#at, ...path], expected, value, cause && { cause });
      throw this.#failure;
    }
    const before = this.#kept;
    this.#kept = kept;
    return changesBetween(before, kept, this.#at);
  }
}
