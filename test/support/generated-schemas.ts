import fc from 'fast-check';
import { z } from 'zod';
import { jsonString, jsonValue } from './generated-json';

/** A schema, and JSON of which most fits it. */
export interface SchemaAndValues {
  schema: z.ZodType;
  values: fc.Arbitrary<unknown>;
}

const words = fc.constantFrom('a', 'ab', 'b', ' a ', 'AB', 'c', 'true', '12', 'https://a.example ', '');
const numbers = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constant(0.5));
const text = fc.oneof(words, jsonString);

const leaves: fc.Arbitrary<SchemaAndValues> = fc.constantFrom<SchemaAndValues[]>(
  { schema: z.string(), values: text },
  { schema: z.string().min(2).describe('at least two'), values: text },
  { schema: z.string().regex(/^[ab]+$/), values: words },
  { schema: z.string().trim(), values: words },
  { schema: z.string().toLowerCase(), values: words },
  { schema: z.string().check(z.url()), values: words },
  { schema: z.url(), values: words },
  { schema: z.string().overwrite((value) => `${value}!`), values: words },
  { schema: z.string().transform((value) => value.length), values: words },
  { schema: z.string().default('b'), values: words },
  { schema: z.string().catch('b'), values: fc.oneof(words, numbers) },
  { schema: z.string().refine((value) => value !== 'ab'), values: words },
  {
    schema: z.string().check((context) => {
      context.value = context.value.replace('a', 'b');
    }),
    values: words,
  },
  { schema: z.string().pipe(z.string().trim()), values: words },
  { schema: z.preprocess((value) => (value === 'a' ? 'b' : value), z.string()), values: words },
  { schema: z.coerce.string(), values: fc.oneof(words, numbers) },
  { schema: z.coerce.number(), values: fc.oneof(words, numbers) },
  { schema: z.coerce.date(), values: fc.oneof(words, numbers) },
  { schema: z.stringbool(), values: words },
  { schema: z.templateLiteral(['a', z.string()]), values: words },
  { schema: z.enum(['a', 'ab', 'c']), values: words },
  { schema: z.literal(['ab', 1, null]), values: fc.oneof(words, numbers, fc.constant(null)) },
  { schema: z.number(), values: numbers },
  { schema: z.int().min(0), values: numbers },
  { schema: z.boolean(), values: fc.boolean() },
  { schema: z.null(), values: fc.constant(null) },
  { schema: z.any(), values: jsonValue },
  { schema: z.unknown(), values: jsonValue },
  { schema: z.json(), values: jsonValue },
);

const keys = fc.constantFrom('a', 'b', 'kind', '__proto__', 'toString', ' a', '1', '1.0');

/** An object with some of these members, and now and then one more. */
function objects(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const entries = Object.entries(members).map(([key, values]) =>
    fc.option(
      values.map((value) => [key, value] as const),
      { freq: 8, nil: null },
    ),
  );
  const more = fc.option(fc.tuple(keys, jsonValue), { freq: 2, nil: null });
  return fc
    .tuple(fc.tuple(...entries, more), fc.boolean())
    .map(([all, reversed]) => Object.fromEntries((reversed ? all.reverse() : all).filter((entry) => entry !== null)));
}

/** Wrong here and there. */
function mostly(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: values, weight: 40 }, { arbitrary: jsonValue, weight: 1 });
}

function both(left: SchemaAndValues, right: SchemaAndValues): fc.Arbitrary<unknown> {
  return fc.oneof(left.values, right.values);
}

export const schemas: fc.Arbitrary<SchemaAndValues> = fc.letrec<{ any: SchemaAndValues; container: SchemaAndValues }>(
  (tie) => {
    const any = tie('any');
    const pair = fc.tuple(any, any);
    const object: fc.Arbitrary<SchemaAndValues> = fc
      .tuple(any, any, fc.constantFrom('strip', 'strict', 'loose', 'catchall'))
      .map(([a, b, others]) => {
        const shape = { a: a.schema, b: b.schema };
        const schema =
          others === 'strict' ? z.strictObject(shape) : others === 'loose' ? z.looseObject(shape) : z.object(shape);
        return {
          schema: others === 'catchall' ? z.object({ a: a.schema }).catchall(b.schema) : schema,
          values: objects({ a: mostly(a.values), b: mostly(b.values) }),
        };
      });
    return {
      any: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        { arbitrary: leaves, weight: 3 },
        { arbitrary: tie('container'), weight: 4 },
      ),
      container: fc.oneof(
        object,
        any.map(({ schema, values }) => ({
          schema: z.array(schema),
          values: fc.array(mostly(values), { maxLength: 4 }),
        })),
        any.map(({ schema, values }) => ({
          schema: z.array(schema).min(1).max(2),
          values: fc.array(values, { maxLength: 3 }),
        })),
        pair.map(([a, b]) => ({
          schema: z.tuple([a.schema, b.schema.optional()]),
          values: fc.oneof(fc.tuple(mostly(a.values), mostly(b.values)), fc.tuple(a.values)),
        })),
        pair.map(([a, b]) => ({
          schema: z.tuple([a.schema], b.schema),
          values: fc
            .tuple(a.values, fc.array(mostly(b.values), { maxLength: 2 }))
            .map(([head, rest]) => [head, ...rest]),
        })),
        fc
          .tuple(any, fc.constantFrom(z.string(), z.string().trim(), z.string().min(2), z.coerce.string()))
          .map(([{ schema, values }, key]) => ({
            schema: z.record(key, schema),
            values: fc.dictionary(keys, mostly(values), { maxKeys: 3 }),
          })),
        any.map(({ schema, values }) => ({
          schema: z.record(z.number(), schema),
          values: fc.dictionary(fc.constantFrom('1', '1.0', '2'), mostly(values), { maxKeys: 3 }),
        })),
        any.map(({ schema, values }) => ({
          schema: z.record(z.enum(['a', 'b']), schema),
          values: objects({ a: values, b: values }),
        })),
        any.map(({ schema, values }) => ({
          schema: z.partialRecord(z.enum(['a', 'b']), schema),
          values: objects({ a: values, b: mostly(values) }),
        })),
        any.map(({ schema, values }) => ({
          schema: z.looseRecord(z.string().regex(/^a/), schema),
          values: objects({ a: values, b: jsonValue }),
        })),
        pair.map(([a, b]) => ({ schema: z.union([a.schema, b.schema]), values: mostly(both(a, b)) })),
        fc
          .tuple(object, object)
          .map(([a, b]) => ({ schema: z.union([a.schema, b.schema]), values: mostly(both(a, b)) })),
        fc.tuple(object, object).map(([a, b]) => ({ schema: z.xor([a.schema, b.schema]), values: mostly(both(a, b)) })),
        pair.map(([a, b]) => ({
          schema: z.discriminatedUnion('kind', [
            z.object({ kind: z.literal('a'), a: a.schema }),
            z.looseObject({ kind: z.enum(['ab', 'b']), a: b.schema }),
          ]),
          values: objects({ kind: fc.constantFrom('a', 'ab', 'b'), a: both(a, b), b: jsonValue }),
        })),
        pair.map(([a, b]) => ({
          schema: z.intersection(z.object({ a: a.schema }), z.looseObject({ b: b.schema })),
          values: objects({ a: a.values, b: b.values }),
        })),
        fc.tuple(object, object).map(([a, b]) => ({ schema: z.intersection(a.schema, b.schema), values: both(a, b) })),
        pair.map(([a, b]) => ({
          schema: z.intersection(z.strictObject({ a: a.schema }), z.strictObject({ b: b.schema })),
          values: objects({ a: a.values, b: b.values }),
        })),
        any.map(({ schema, values }) => ({ schema: schema.nullable(), values: fc.option(values) })),
        any.map(({ schema, values }) => ({ schema: z.lazy(() => schema), values })),
        any.map(({ schema, values }) => ({ schema: schema.readonly().refine(() => true), values })),
        any.map(({ schema, values }) => ({ schema: schema.catch('caught'), values: mostly(values) })),
        any.map(({ schema, values }) => ({ schema: schema.transform((value) => value), values })),
        object.map(({ schema, values }) => ({ schema: schema.refine((value) => !('b' in (value as object))), values })),
        object.map(({ schema, values }) => ({
          schema: schema.transform((value) => ({ ...(value as object), added: 1 })),
          values,
        })),
        object.map(({ schema, values }) => ({
          // Not in place: what one option of a union does to its input, zod shows to the next ones.
          schema: z.preprocess(
            (value) => (typeof value === 'object' && value !== null && 'a' in value ? { ...value, a: 'ab' } : value),
            schema,
          ),
          values,
        })),
        any.map(({ schema, values }) => ({
          schema: z.object({ a: schema.optional(), b: z.string().default('b'), c: schema.default({ never: 'read' }) }),
          values: objects({ a: values, b: words, c: values }),
        })),
      ),
    };
  },
).container;
