import fc from 'fast-check';
import { canonicalJson } from '../speculation/forecast/canonical-json';
import {
  UNKNOWN,
  describePartial,
  mayBecome,
  withChange,
  type JsonPath,
  type PartialChange,
  type PartialValue,
} from '../speculation/forecast/partial-value';
import { knownAt } from './support/known-at';
import { changesBetween } from '../speculation/streams/changes-between';
import { changesOf, jsonValue } from './support/generated-json';

function merged(changes: readonly PartialChange[], document: PartialValue = UNKNOWN): PartialValue {
  return changes.reduce(withChange, document);
}

/** Changes at random, also ones that contradict each other or make no sense. */
const anyChange: fc.Arbitrary<PartialChange> = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom('a', 'b', '__proto__'), fc.integer({ min: -1, max: 3 }), fc.constant(0.5)), {
      maxLength: 3,
    }),
    fc.oneof(
      jsonValue.map((is) => ({ is })),
      fc.constantFrom({ opens: 'object' as const }, { opens: 'array' as const }, { closes: true as const }),
      fc.constantFrom('', 'a', 'ab').map((begins) => ({ begins })),
    ),
  )
  .map(([at, what]) => ({ at, ...what }));

describe('merging changes', () => {
  test('all changes of a document make it known, and after each of them it may become what it becomes', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        let document = UNKNOWN;
        for (const change of changesOf(value)) {
          document = withChange(document, change);
          expect(mayBecome(document, value)).toBe(true);
        }
        expect(document).toEqual({ kind: 'known', value });
      }),
    );
  });

  test('what a document may become after a change, it may become before it, whatever the change is', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 8 }), anyChange, jsonValue, (changes, change, value) => {
        const before = merged(changes);
        const after = withChange(before, change);
        // One that the document may become makes the premise true.
        for (const candidate of [value, simplest(after)]) {
          if (mayBecome(after, candidate)) expect(mayBecome(before, candidate)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('some value is always possible: changes that contradict what is known are ignored', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 8 }), (changes) => {
        const document = merged(changes);
        expect(mayBecome(document, simplest(document))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a change that was merged last changes nothing more', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 8 }), anyChange, (changes, change) => {
        const once = merged([...changes, change]);
        expect(withChange(once, change)).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, PartialChange[], PartialChange]>([
    ['a value after another', [{ at: [], is: 1 }], { at: [], is: 2 }],
    ['a member of a number', [{ at: [], is: 1 }], { at: ['a'], is: 2 }],
    ['a string that has begun otherwise', [{ at: [], begins: 'ab' }], { at: [], is: 'ba' }],
    ['a shorter beginning', [{ at: [], begins: 'ab' }], { at: [], begins: 'a' }],
    ['a number where a string has begun', [{ at: [], begins: 'ab' }], { at: [], is: 1 }],
    ['an object with another member than the one it has', [{ at: ['a'], is: 1 }], { at: [], is: { a: 2 } }],
    ['an array where an object has begun', [{ at: [], opens: 'object' }], { at: [], opens: 'array' }],
    ['an element of an object', [{ at: [], opens: 'object' }], { at: [0], is: 1 }],
    ['a member of an array', [{ at: [], opens: 'array' }], { at: ['0'], is: 1 }],
    [
      'a new member of a closed object',
      [
        { at: ['a'], opens: 'object' },
        { at: [], closes: true },
      ],
      { at: ['b'], is: 1 },
    ],
    [
      'a new element of a closed array',
      [
        { at: [0], opens: 'object' },
        { at: [], closes: true },
      ],
      { at: [1], is: 1 },
    ],
    ['an element before the first', [{ at: [], opens: 'array' }], { at: [-1], is: 1 }],
    ['an element between two', [{ at: [], opens: 'array' }], { at: [0.5], is: 1 }],
    ['an element at an absurd place', [{ at: [], opens: 'array' }], { at: [4_000_000_000], is: 1 }],
    ['the end of what has not begun', [], { at: [], closes: true }],
  ])('%s is ignored', (_what, changes, change) => {
    const document = merged(changes);
    expect(withChange(document, change)).toEqual(document);
  });

  test('an element says that those before it are there, although nothing is known of them', () => {
    const document = merged([{ at: [2], is: 'c' }]);
    expect(document).toEqual({
      kind: 'array',
      closed: false,
      elements: [UNKNOWN, UNKNOWN, { kind: 'known', value: 'c' }],
    });
    expect(mayBecome(document, ['a', 'b', 'c', 'd'])).toBe(true);
    expect(mayBecome(document, ['c'])).toBe(false);
  });

  test('a member named __proto__ is a member', () => {
    const document = merged([
      { at: ['__proto__', 'polluted'], is: true },
      { at: ['__proto__'], closes: true },
      { at: [], closes: true },
    ]);
    expect(document).toEqual({ kind: 'known', value: JSON.parse('{"__proto__":{"polluted":true}}') });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('neither the document nor the change is changed by merging', () => {
    const value = { list: [1] };
    const before = merged([{ at: ['a'], is: value }]);
    const text = JSON.stringify(before, (_key, part: unknown) => (part instanceof Map ? [...part] : part));
    merged(
      [
        { at: ['b', 0], is: 1 },
        { at: ['b'], closes: true },
        { at: [], closes: true },
      ],
      before,
    );
    expect(JSON.stringify(before, (_key, part: unknown) => (part instanceof Map ? [...part] : part))).toBe(text);
    expect(value).toEqual({ list: [1] });
  });
});

describe('what a document may become', () => {
  test.each<[string, PartialChange[], unknown, boolean]>([
    ['anything, of which nothing is known', [], { a: 1 }, true],
    ['a string that starts so', [{ at: [], begins: 'ab' }], 'abc', true],
    ['no string that starts otherwise', [{ at: [], begins: 'ab' }], 'a', false],
    ['no array instead of an object', [{ at: [], opens: 'object' }], [], false],
    ['no null instead of an object', [{ at: [], opens: 'object' }], null, false],
    ['no object that lacks a member', [{ at: ['a'], begins: '' }], { b: '' }, false],
    ['no object with an inherited member instead', [{ at: ['toString'], opens: 'object' }], {}, false],
    [
      'an object whose other members JSON leaves out',
      [
        { at: ['a'], opens: 'array' },
        { at: [], closes: true },
      ],
      { a: [], b: undefined },
      true,
    ],
    [
      'no object with one more, once it is closed',
      [
        { at: ['a'], opens: 'array' },
        { at: [], closes: true },
      ],
      { a: [], b: null },
      false,
    ],
    ['no object that has the member undefined', [{ at: ['a'], opens: 'array' }], { a: undefined }, false],
    ['an array with null for what JSON cannot say', [{ at: [0], is: null }], [undefined], true],
    ['no shorter array', [{ at: [1], is: 1 }], [1], false],
    [
      'no longer array, once it is closed',
      [
        { at: [0], begins: '' },
        { at: [], closes: true },
      ],
      ['', ''],
      false,
    ],
  ])('%s', (_what, changes, value, expected) => {
    expect(mayBecome(merged(changes), value)).toBe(expected);
  });
});

describe('what is known at a place', () => {
  test('is what the finished value has there, or nothing', () => {
    fc.assert(
      fc.property(jsonValue, fc.nat(), (value, cut) => {
        const changes = changesOf(value);
        const document = merged(changes.slice(0, cut % (changes.length + 1)));
        for (const path of placesIn(value)) {
          const known = knownAt(document, path);
          if (known !== undefined) expect(known.value).toEqual(valueAt(value, path));
        }
        for (const change of changes.slice(0, cut % (changes.length + 1))) {
          if ('is' in change) expect(knownAt(document, change.at)).toEqual({ value: change.is });
        }
      }),
    );
  });

  test('is a copy', () => {
    const value = { a: [1] };
    const document = merged([{ at: [], is: value }]);
    (knownAt(document, ['a'])!.value as number[]).push(2);
    expect(value).toEqual({ a: [1] });
  });

  test.each<[JsonPath]>([[['length']], [['0']], [[5]], [['constructor']], [[0, 'a']], [[1, '0']]])(
    'is nothing at %j of an array of a number and a text, whether the array is complete or not',
    (path) => {
      for (const changes of [
        [{ at: [], is: [7, 'x'] }],
        [
          { at: [0], is: 7 },
          { at: [1], is: 'x' },
        ],
      ]) {
        expect(knownAt(merged(changes), path)).toBeUndefined();
      }
    },
  );
});

describe('a document for people to read', () => {
  test.each<[string, PartialChange[]]>([
    ['…', []],
    ['"a\\"b…', [{ at: [], begins: 'a"b' }]],
    [
      '{"a":1,"b":[…],…}',
      [
        { at: ['a'], is: 1 },
        { at: ['b'], opens: 'array' },
      ],
    ],
    ['[…,{"x":null},…]', [{ at: [1], is: { x: null } }]],
    [
      '{"a":…}',
      [
        { at: ['a'], closes: true },
        { at: [], opens: 'object' },
        { at: [], closes: true },
      ],
    ],
  ])('%s', (text, changes) => {
    expect(describePartial(merged(changes))).toBe(text);
  });

  test('is its JSON where all is known', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(describePartial(merged(changesOf(value)))).toBe(canonicalJson(value));
      }),
    );
  });
});

describe('the changes between two documents', () => {
  test('lead from the one to the other', () => {
    fc.assert(
      fc.property(jsonValue, fc.nat(), fc.nat(), (value, one, other) => {
        const changes = changesOf(value);
        const [first, second] = [one % (changes.length + 1), other % (changes.length + 1)].sort((a, b) => a - b) as [
          number,
          number,
        ];
        const [before, after] = [merged(changes.slice(0, first)), merged(changes.slice(0, second))];
        expect(merged(changesBetween(before, after), before)).toEqual(after);
        expect(changesBetween(after, after)).toEqual([]);
      }),
    );
  });

  test('announce a large value in its parts and a small one as a whole', () => {
    const large = { parts: Array.from({ length: 3 }, () => 'x'.repeat(600)) };
    expect(changesBetween(UNKNOWN, { kind: 'known', value: { small: [1, 2] } })).toEqual([
      { at: [], is: { small: [1, 2] } },
    ]);
    expect(changesBetween(UNKNOWN, { kind: 'known', value: large }).map(({ at }) => at)).toEqual([
      [],
      ['parts'],
      ['parts', 0],
      ['parts', 1],
      ['parts', 2],
      ['parts'],
      [],
    ]);
  });
});

/** The simplest value that a document may become. */
function simplest(node: PartialValue): unknown {
  switch (node.kind) {
    case 'unknown':
      return null;
    case 'known':
      return node.value;
    case 'text':
      return node.begins;
    case 'array':
      return node.elements.map(simplest);
    case 'object':
      return Object.fromEntries([...node.members].map(([key, member]) => [key, simplest(member)]));
  }
}

function placesIn(value: unknown, at: JsonPath = []): JsonPath[] {
  if (typeof value !== 'object' || value === null) return [at];
  const steps: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...steps.flatMap(([step, part]) => placesIn(part, [...at, step]))];
}

function valueAt(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((here, step) => (here as Record<string | number, unknown>)[step], value);
}
