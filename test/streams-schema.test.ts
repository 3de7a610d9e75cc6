import fc from 'fast-check';
import { z } from 'zod';
import {
  UNKNOWN,
  mayBecome,
  withChange,
  type PartialChange,
  type PartialValue,
} from '../speculation/forecast/partial-value';
import { JsonFields } from '../speculation/streams/json-fields';
import { SchemaFields } from '../speculation/streams/schema-fields';
import { SchemaMisfitError } from '../speculation/streams/schema-misfit-error';
import { cutText, jsonValue } from './support/generated-json';
import { schemas } from './support/generated-schemas';

/** What is known after each piece. */
function* known(schema: z.ZodType, parts: readonly string[]): Generator<{ kept: PartialValue; read: PartialValue }> {
  const [json, fields] = [new JsonFields(), new SchemaFields(schema)];
  let [kept, read]: PartialValue[] = [UNKNOWN, UNKNOWN];
  for (const take of [...parts.map((part) => () => json.add(part)), () => json.end()]) {
    const changes = take();
    read = changes.reduce(withChange, read!);
    kept = fields.add(changes).reduce(withChange, kept!);
    yield { kept, read };
  }
}

function misfitOf(read: () => unknown): SchemaMisfitError {
  try {
    read();
  } catch (error) {
    if (error instanceof SchemaMisfitError) return error;
    throw error;
  }
  throw new Error('it fits');
}

/** Null where it does not fit, also where zod gives up. */
function parsed(schema: z.ZodType, text: string): { value: unknown } | null {
  try {
    return { value: schema.parse(JSON.parse(text)) };
  } catch {
    return null;
  }
}

function add(schema: z.ZodType, ...parts: string[]): PartialChange[] {
  const [json, fields] = [new JsonFields(), new SchemaFields(schema)];
  return parts.map((part) => fields.add(json.add(part))).at(-1) ?? [];
}

const cases = schemas.chain(({ schema, values }) =>
  cutText(values.map((value) => JSON.stringify(value))).map((cut) => ({ schema, ...cut })),
);

describe('what is announced of a document with a schema', () => {
  test('is nothing of a record whose keys are changed, because two of them may become one', () => {
    const trimmed = z.record(z.string().trim(), z.number());
    expect(trimmed.parse({ a: 0, ' a': 1 })).toEqual({ a: 1 });
    expect(add(trimmed, '{"a":0,')).toEqual([]);
    expect(add(z.record(z.string(), z.number()), '{"a":0,')).toContainEqual({ at: ['a'], is: 0 });
  });

  test('is what the finished value has there, and a document that does not fit is an error at the latest at its end', () => {
    let [fit, misfit, saidEarly] = [0, 0, 0];
    fc.assert(
      fc.property(cases, ({ schema, text, parts }) => {
        const finished = parsed(schema, text);
        if (finished === null) {
          misfit += 1;
          const error = misfitOf(() => [...known(schema, parts)]);
          expect(error).toMatchObject({ code: 'RUNAHEAD_SCHEMA_MISFIT' });
          return;
        }
        fit += 1;
        for (const { kept, read } of known(schema, parts)) {
          expect(mayBecome(kept, finished.value)).toBe(true);
          if (read.kind !== 'known' && kept.kind !== 'unknown') saidEarly += 1;
        }
      }),
      { numRuns: 1_500 },
    );
    // Or it would hold for want of cases.
    expect(Math.min(fit, misfit, saidEarly)).toBeGreaterThan(150);
  });

  test('is everything that is final, where the schema leaves everything as it is', () => {
    const tree: z.ZodType = z.lazy(() =>
      z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(tree), z.looseObject({ a: tree.optional() })]),
    );
    const documents = cutText(
      jsonValue.map((value) => JSON.stringify(value, (key, part: unknown) => (key === '__proto__' ? undefined : part))),
    );
    for (const schema of [z.any(), tree]) {
      fc.assert(
        fc.property(documents, ({ parts }) => {
          for (const { kept, read } of known(schema, parts)) expect(kept).toEqual(read);
        }),
        { numRuns: 100 },
      );
    }
  });

  test('does not depend on how the text is cut, once it is complete', () => {
    fc.assert(
      fc.property(cases, ({ schema, text, parts }) => {
        fc.pre(parsed(schema, text) !== null);
        const atOnce = [...known(schema, [text])].at(-1)?.kept;
        // In pieces, something may have been certain of which the whole gives no account; never the other way round.
        const inPieces = [...known(schema, parts)].at(-1)?.kept;
        expect(mergedInto(inPieces ?? UNKNOWN, atOnce ?? UNKNOWN)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  const answer = z.object({ id: z.string(), score: z.number().int() });

  test.each<[string, z.ZodType, string[], PartialChange[]]>([
    [
      'a member that is final',
      answer,
      ['{"id":"x","sc'],
      [
        { at: [], opens: 'object' },
        { at: ['id'], is: 'x' },
      ],
    ],
    [
      'a string that is open',
      answer,
      ['{"id":"x'],
      [
        { at: [], opens: 'object' },
        { at: ['id'], begins: 'x' },
      ],
    ],
    ['a key that the schema strips: nothing', answer, ['{"other":1,'], [{ at: [], opens: 'object' }]],
    [
      'a key that a loose schema keeps',
      z.looseObject({}),
      ['{"other":1,'],
      [
        { at: [], opens: 'object' },
        { at: ['other'], is: 1 },
      ],
    ],
    [
      'the end of an object that lost a key',
      answer,
      ['{"id":"x","other":1,"score":1', '}'],
      [
        { at: ['score'], is: 1 },
        { at: [], closes: true },
      ],
    ],
    [
      'the end of an object that gets a default: nothing',
      z.object({ a: z.number(), b: z.number().default(1) }),
      ['{"a":1,', '"c":2}'],
      [],
    ],
    [
      'a value that a default leaves alone',
      z.object({ b: z.string().default('x') }),
      ['{"b":"y"'],
      [
        { at: [], opens: 'object' },
        { at: ['b'], is: 'y' },
      ],
    ],
    ['a string that will be trimmed: nothing', z.array(z.string().trim()), ['["x '], [{ at: [], opens: 'array' }]],
    [
      'a string that was not changed by trimming',
      z.array(z.string().trim()),
      ['["x",'],
      [
        { at: [], opens: 'array' },
        { at: [0], is: 'x' },
      ],
    ],
    ['an element behind one that was changed', z.array(z.string().trim()), ['[" x",', '"y",'], [{ at: [1], is: 'y' }]],
    ['the inside of a transform: nothing', answer.transform((value) => value), ['{"id":"x",'], []],
    [
      'what a transform left alone, when it is complete',
      answer.transform(({ id }) => ({ id, n: 1 })),
      ['{"id":"x",', '"score":1}'],
      [
        { at: [], opens: 'object' },
        { at: ['id'], is: 'x' },
      ],
    ],
    [
      'of a union, what both options keep',
      z.union([z.object({ a: z.number() }), z.object({ a: z.number(), b: z.number() })]),
      ['{"a":1,"b":2,'],
      [
        { at: [], opens: 'object' },
        { at: ['a'], is: 1 },
      ],
    ],
    [
      'of a union, what was held back until the option was settled',
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('a'), x: z.string() }),
        z.object({ kind: z.literal('b') }),
      ]),
      ['{"x":"text",', '"kind":"a"'],
      [
        { at: ['x'], is: 'text' },
        { at: ['kind'], is: 'a' },
      ],
    ],
  ])('%s', (_what, schema, parts, expected) => {
    const changes = add(schema, ...parts);
    expect(changes).toHaveLength(expected.length);
    expect(changes).toEqual(expect.arrayContaining(expected));
  });

  test('has its place before it, as in the text', () => {
    const [json, fields] = [new JsonFields({ at: ['result'] }), new SchemaFields(answer, { at: ['result'] })];
    expect(fields.add(json.add('{"id":"x",'))).toEqual([
      { at: ['result'], opens: 'object' },
      { at: ['result', 'id'], is: 'x' },
    ]);
    expect(misfitOf(() => fields.add(json.add('"score":0.5,'))).path).toEqual(['result', 'score']);
  });

  test('is nothing where the schema has to wait, and that is no misfit', () => {
    const schema = z.object({ a: z.string().refine(async () => true), b: z.number() });
    expect([...known(schema, ['{"a":"x","b":1,', '"c":1}'])].map(({ kept }) => kept)).toEqual(
      Array.from({ length: 3 }, () => ({
        kind: 'object',
        closed: false,
        members: new Map([['b', { kind: 'known', value: 1 }]]),
      })),
    );
  });
});

describe('a stream that cannot fit its schema any more', () => {
  test.each<[string, z.ZodType, string, (string | number)[]]>([
    ['a final value of another type', z.object({ a: z.number() }), '{"a":"x",', ['a']],
    ['a string where a number must be', z.object({ a: z.number() }), '{"a":"', ['a']],
    ['an object where a list must be', z.array(z.number()), '{', []],
    ['a key that is not allowed', z.strictObject({ a: z.number() }), '{"b":1,', ['b']],
    ['an element too many', z.tuple([z.number()]), '[1,2,', [1]],
    ['a word that none begins with', z.array(z.enum(['yes', 'no'])), '["no","maybe', [1]],
    [
      'an element that is too small, deep inside',
      z.array(z.object({ n: z.number().min(1) })),
      '[{"n":1},{"n":0}',
      [1, 'n'],
    ],
    [
      'a list that is too short, once it is complete',
      z.object({ list: z.array(z.number()).min(2) }),
      '{"list":[1],',
      ['list'],
    ],
    ['a value that no option takes', z.object({ a: z.union([z.string(), z.number()]) }), '{"a":true,', ['a']],
    [
      'a kind that no option has',
      z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') })]),
      '{"kind":"b"',
      ['kind'],
    ],
  ])('is stopped at %s', (_what, schema, text, path) => {
    const [json, fields] = [new JsonFields(), new SchemaFields(schema)];
    const error = misfitOf(() => fields.add(json.add(text)));
    expect(error).toMatchObject({ code: 'RUNAHEAD_SCHEMA_MISFIT', path });
    expect(error.expected).not.toBe('');
    expect(error.message).toMatch(
      /^Streamed output: .+ does not fit the schema \(.+\)\. Ask again, or correct the schema/,
    );
    expect(misfitOf(() => fields.add([]))).toBe(error);
  });

  test.each<[string, z.ZodType, string]>([
    ['a missing key, before the object is complete', z.object({ a: z.number() }), '{"b":1'],
    ['a word that may still be one of them', z.enum(['yes', 'no']), '"y'],
    ['what one of the options takes', z.union([z.number(), z.array(z.string())]), '["x",'],
    [
      'a key that the other half of an intersection knows',
      z.intersection(z.strictObject({ a: z.number() }), z.strictObject({ b: z.number() })),
      '{"a":1,"b":2',
    ],
    ['what will be caught', z.object({ a: z.number().catch(0) }), '{"a":"x"'],
    ['what is made into something else first', z.preprocess(String, z.string()), '[1,'],
  ])('is not stopped at %s', (_what, schema, text) => {
    expect(() => add(schema, text)).not.toThrow();
  });
});

test('a schema that changes what it is given changes nothing of what is announced', () => {
  const greedy = z.preprocess((value) => {
    if (Array.isArray(value)) value.pop();
    return value;
  }, z.array(z.number()));
  const [last] = [...known(z.looseObject({ a: greedy, b: z.unknown() }), ['{"a":[1,2],"b":', '[3]}'])].slice(-1);
  expect(last?.read).toEqual({ kind: 'known', value: { a: [1, 2], b: [3] } });
});

/** Whether a document says all that another says. */
function mergedInto(more: PartialValue, less: PartialValue): boolean {
  if (less.kind === 'unknown') return true;
  if (less.kind === 'known') return more.kind === 'known' && mayBecome(less, more.value);
  if (more.kind === 'known') return mayBecome(less, more.value);
  if (less.kind === 'array' && more.kind === 'array') {
    return less.elements.every((element, index) => mergedInto(more.elements[index] ?? UNKNOWN, element));
  }
  if (less.kind === 'object' && more.kind === 'object') {
    return [...less.members].every(([key, member]) => mergedInto(more.members.get(key) ?? UNKNOWN, member));
  }
  return false;
}
