import type { z } from 'zod';

type Schema = z.core.$ZodType;

/** What a schema does with a value that is not complete. */
export type SchemaView =
  /** Takes what comes. */
  | { kind: 'anything' }
  /** A string, kept as it is; one of `words`, unless that is null. */
  | { kind: 'text'; words: readonly string[] | null }
  | { kind: 'object'; shape: Readonly<Record<string, Schema>>; others: 'strip' | 'refuse' | Schema }
  | { kind: 'record'; key: Schema; value: Schema }
  | { kind: 'array'; element: Schema }
  | { kind: 'tuple'; items: readonly Schema[]; rest: Schema | null }
  /** The first that fits decides. */
  | { kind: 'options'; options: readonly Schema[] }
  | { kind: 'both'; left: Schema; right: Schema }
  /** Nothing that can be there in part: a number, a boolean, null. */
  | { kind: 'atom' }
  /** Nothing is certain before the value is complete. */
  | { kind: 'opaque' };

const OPAQUE: SchemaView = { kind: 'opaque' };
/** Checks that only look. Others, such as `trim` and what `z.check` may do, change the value. */
const LOOKING_CHECKS = new Set([
  'max_length',
  'min_length',
  'length_equals',
  'less_than',
  'greater_than',
  'multiple_of',
  'number_format',
  'describe',
  'meta',
]);
const LOOKING_FORMATS = new Set(['regex', 'includes', 'starts_with', 'ends_with', 'lowercase', 'uppercase']);
/** A schema that refers to nothing but itself has no inside to look at. */
const MOST_WRAPPERS = 100;

/** Seen without what does not matter to a value that is there: optional, nullable, default, readonly, lazy. */
export function schemaView(schema: Schema): SchemaView {
  let inner = schema;
  for (let depth = 0; depth < MOST_WRAPPERS; depth++) {
    const { def } = (inner as z.core.$ZodTypes)._zod;
    if (!(def.checks ?? []).every(onlyLooks) || ('coerce' in def && def.coerce)) return OPAQUE;
    switch (def.type) {
      case 'optional':
      case 'nullable':
      case 'nonoptional':
      case 'readonly':
      case 'default':
      case 'prefault':
        inner = def.innerType;
        continue;
      case 'lazy':
        inner = def.getter();
        continue;
      default:
        return viewOf(def);
    }
  }
  return OPAQUE;
}

function viewOf(def: z.core.$ZodTypes['_zod']['def']): SchemaView {
  switch (def.type) {
    case 'any':
    case 'unknown':
      return { kind: 'anything' };
    case 'string':
      // A format of its own may tidy up: a URL loses the space around it.
      return 'format' in def ? OPAQUE : { kind: 'text', words: null };
    case 'template_literal':
      return { kind: 'text', words: null };
    case 'enum':
      return { kind: 'text', words: Object.values(def.entries).filter(isText) };
    case 'literal':
      return { kind: 'text', words: def.values.filter(isText) };
    case 'object':
      return { kind: 'object', shape: def.shape, others: othersOf(def.catchall) };
    case 'record':
      // Keys that are changed may come together, and then the later value takes the earlier one's place.
      return schemaView(def.keyType).kind === 'text'
        ? { kind: 'record', key: def.keyType, value: def.valueType }
        : OPAQUE;
    case 'array':
      return { kind: 'array', element: def.element };
    case 'tuple':
      return { kind: 'tuple', items: def.items, rest: def.rest };
    case 'union':
      return { kind: 'options', options: def.options };
    case 'intersection':
      return { kind: 'both', left: def.left, right: def.right };
    case 'number':
    case 'boolean':
    case 'null':
    case 'never':
      return { kind: 'atom' };
    default:
      return OPAQUE;
  }
}

function othersOf(catchall: Schema | undefined): 'strip' | 'refuse' | Schema {
  if (catchall === undefined) return 'strip';
  return catchall._zod.def.type === 'never' ? 'refuse' : catchall;
}

function onlyLooks(check: z.core.$ZodCheck): boolean {
  const { def } = check._zod;
  if (LOOKING_CHECKS.has(def.check)) return true;
  if (def.check === 'string_format') return 'format' in def && LOOKING_FORMATS.has(String(def.format));
  // What `refine` takes; `superRefine` and `check` can put another value in place and have no such function.
  return def.check === 'custom' && 'fn' in def && typeof def.fn === 'function';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
