import fc from 'fast-check';
import { z } from 'zod';
import { parseModelJson } from '../activities/model-json';
import {
  UNKNOWN,
  mayBecome,
  withChange,
  type PartialChange,
  type PartialValue,
} from '../speculation/forecast/partial-value';
import { JsonFields } from '../speculation/streams/json-fields';
import { readJson } from '../speculation/streams/read-json';
import { UnreadableJsonError } from '../speculation/streams/unreadable-json-error';
import { cutText, damagedText, jsonStringText, jsonText, membersText } from './support/generated-json';

/** All changes; throws what the reader throws. */
function changesIn(parts: readonly string[]): PartialChange[] {
  const fields = new JsonFields();
  return [...parts.flatMap((part) => fields.add(part)), ...fields.end()];
}

function merged(changes: readonly PartialChange[], document: PartialValue = UNKNOWN): PartialValue {
  return changes.reduce(withChange, document);
}

function failureOf(read: () => unknown): UnreadableJsonError {
  try {
    read();
  } catch (error) {
    if (error instanceof UnreadableJsonError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('what is announced of a streamed document', () => {
  test('is at the end what JSON.parse reads, however the text is cut', () => {
    fc.assert(
      fc.property(cutText(jsonText), ({ text, parts }) => {
        expect(merged(changesIn(parts))).toEqual({ kind: 'known', value: JSON.parse(text) });
      }),
      { numRuns: 1_000 },
    );
  });

  test('is true of the finished document at every moment, and what was known stays known', () => {
    fc.assert(
      fc.property(cutText(jsonText), ({ text, parts }) => {
        const finished: unknown = JSON.parse(text);
        const fields = new JsonFields();
        let document = UNKNOWN;
        const known = new Map<string, unknown>();
        for (const change of [...parts.map((part) => () => fields.add(part)), () => fields.end()].flatMap((read) =>
          read(),
        )) {
          document = withChange(document, change);
          expect(mayBecome(document, finished)).toBe(true);
          if ('is' in change) {
            expect(known.has(JSON.stringify(change.at))).toBe(false);
            known.set(JSON.stringify(change.at), change.is);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('of a text that breaks off anywhere is true of every way to go on, and the end is refused', () => {
    fc.assert(
      fc.property(jsonText, fc.nat(), (text, at) => {
        const broken = text.slice(0, at % text.length);
        const fields = new JsonFields();
        const document = merged(fields.add(broken));
        expect(mayBecome(document, JSON.parse(text))).toBe(true);
        // A number that is the whole document has grown out of one that is a document too.
        if (isJson(broken))
          expect(merged(fields.end(), document)).toEqual({ kind: 'known', value: JSON.parse(broken) });
        else expect(failureOf(() => fields.end()).problem).toBe('truncated');
      }),
      { numRuns: 1_000 },
    );
  });

  test('does not depend on how the text is cut, but for the beginnings of strings', () => {
    fc.assert(
      fc.property(cutText(jsonText), ({ text, parts }) => {
        const settled = (changes: PartialChange[]): PartialChange[] =>
          changes.filter((change) => !('begins' in change));
        expect(settled(changesIn(parts))).toEqual(changesIn([text]));
      }),
      { numRuns: 500 },
    );
  });

  test('comes in the same call as the text that makes it final', () => {
    const fields = new JsonFields();
    const calls = ['{"a"', ':', '12', '.5', ',', '"b":"x', '"', ',"c":tru', 'e', ',"d":[', ']', '}', ' \n'];
    expect(calls.map((piece) => fields.add(piece))).toEqual([
      [{ at: [], opens: 'object' }],
      [],
      [],
      [],
      [{ at: ['a'], is: 12.5 }],
      [{ at: ['b'], begins: 'x' }],
      [{ at: ['b'], is: 'x' }],
      [],
      [{ at: ['c'], is: true }],
      [{ at: ['d'], opens: 'array' }],
      [{ at: ['d'], closes: true }],
      [{ at: [], closes: true }],
      [],
    ]);
    expect(fields.end()).toEqual([]);
  });

  test('has its place put after that of the document', () => {
    const fields = new JsonFields({ at: ['answer', 0] });
    expect(fields.add('{"a":[1,')).toEqual([
      { at: ['answer', 0], opens: 'object' },
      { at: ['answer', 0, 'a'], opens: 'array' },
      { at: ['answer', 0, 'a', 0], is: 1 },
    ]);
  });

  test.each(['7', '-0', '1e3', '0.5', '12E+2'])(
    'a number that is the whole document, %s, is final at the end only',
    (text) => {
      const fields = new JsonFields();
      expect(fields.add(text)).toEqual([]);
      expect(fields.end()).toEqual([{ at: [], is: Number(text) }]);
    },
  );

  test('a number is not final before what cannot belong to it, also where the text is wrong', () => {
    for (const text of ['[1', '[1e', '[1.', '[-', '[0'])
      expect(new JsonFields().add(text)).toEqual([{ at: [], opens: 'array' }]);
    expect(failureOf(() => new JsonFields().add('[1t')).position).toBe(2);
    for (const delimiter of [',', ']', ' ', '\n', '\r', '\t']) {
      expect(new JsonFields().add(`[1${delimiter}`)).toContainEqual({ at: [0], is: 1 });
    }
  });
});

describe('a string that is open', () => {
  test('begins with as much as is certain of it: never half of an escape or of a surrogate pair', () => {
    fc.assert(
      fc.property(cutText(jsonStringText), ({ text, parts }) => {
        const value = JSON.parse(text) as string;
        const fields = new JsonFields();
        fields.add('[');
        let [fed, last] = ['', ''];
        for (const part of parts) {
          fed += part;
          const changes = fields.add(part);
          if (fed === text) break;
          for (const change of changes) {
            if (!('begins' in change)) throw new Error('it is not complete');
            expect(change.at).toEqual([0]);
            expect(value.startsWith(change.begins)).toBe(true);
            last = change.begins;
          }
          expect(changes.length).toBeLessThanOrEqual(1);
          expect(last).toBe(certainOf(fed));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test.each<[string, string[], (string | undefined)[]]>([
    ['an escape', ['"a\\', 'n', 'b'], ['a', 'a\n', 'a\nb']],
    ['a code', ['"\\u00', 'e', '9'], ['', undefined, 'é']],
    ['a pair of codes', ['"\\ud83d', '\\ude', '00'], ['', undefined, '\u{1f600}']],
    ['a pair', ['"\ud83d', '\ude00'], ['', '\u{1f600}']],
    ['half of a pair that stays alone', ['"\\ud83d', 'x'], ['', '\ud83dx']],
    ['nothing new', ['"a', '', 'b'], ['a', undefined, 'ab']],
  ])('and cut in %s is announced when there is more of it', (_what, parts, expected) => {
    const fields = new JsonFields();
    expect(parts.map((part) => fields.add(part)[0])).toEqual(
      expected.map((begins) => (begins === undefined ? undefined : { at: [], begins })),
    );
  });

  test('and is a key is not announced', () => {
    const fields = new JsonFields();
    fields.add('{');
    expect(fields.add('"ke')).toEqual([]);
    expect(fields.add('y":"v')).toEqual([{ at: ['key'], begins: 'v' }]);
  });
});

describe('a text that is not read', () => {
  test('is one in which an object says a key twice, however the key is written', () => {
    fc.assert(
      fc.property(cutText(membersText.map(({ text }) => text)), fc.boolean(), ({ text, parts }, inList) => {
        const all = inList ? ['[1,', ...parts, ']'] : parts;
        if (saysAKeyTwice(text)) expect(failureOf(() => changesIn(all)).problem).toBe('duplicate-key');
        else expect(merged(changesIn(all))).toEqual({ kind: 'known', value: JSON.parse(all.join('')) });
      }),
      { numRuns: 500 },
    );
  });

  test('is one that JSON.parse refuses, wherever it is cut', () => {
    fc.assert(
      fc.property(cutText(damagedText), ({ text, parts }) => {
        fc.pre(!saysAKeyTwice(text));
        if (isJson(text)) expect(merged(changesIn(parts))).toEqual({ kind: 'known', value: JSON.parse(text) });
        else failureOf(() => changesIn(parts));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each<[string, string, number]>([
    ['', 'truncated', 0],
    [' ', 'truncated', 1],
    ['{"a":1', 'truncated', 6],
    ['"a', 'truncated', 2],
    ['tru', 'truncated', 3],
    ['-', 'truncated', 1],
    ['\ufeff{}', 'syntax', 0],
    ['\u00a0{}', 'syntax', 0],
    ['[1,]', 'syntax', 3],
    ['{"a":1,}', 'syntax', 7],
    ['[1 2]', 'syntax', 4],
    ['"\n"', 'syntax', 1],
    ['"\\x"', 'syntax', 2],
    ['"\\u00g0"', 'syntax', 5],
    ['NaN', 'syntax', 0],
    ["{'a':1}", 'syntax', 1],
    ['[1}', 'syntax', 2],
    ['{}x', 'trailing-text', 2],
    ['{}\ud800', 'trailing-text', 2],
    ['1"a"', 'syntax', 1],
    ['"a""b"', 'trailing-text', 3],
    ['{"a":1,"b":{"a":2},"a":3}', 'duplicate-key', 21],
    ['{"a":1,"\\u0061":2}', 'duplicate-key', 14],
    ['{"__proto__":1,"__proto__":2}', 'duplicate-key', 25],
  ])('%j is refused: %s', (text, problem, position) => {
    for (const parts of [[text], text.split('')]) {
      const failure = failureOf(() => changesIn(parts));
      expect(failure).toMatchObject({ code: 'RUNAHEAD_UNREADABLE_JSON', problem, position });
      expect(failure.message).toMatch(/^JSON text: .+ at position \d+\. Ask again/);
    }
  });

  test('announces nothing after what is wrong with it', () => {
    const fields = new JsonFields();
    expect(fields.add('{"a":1,')).toHaveLength(2);
    const failure = failureOf(() => fields.add('"a":2,"b":3'));
    expect(failureOf(() => fields.add(',"c":4}'))).toBe(failure);
    expect(failureOf(() => fields.end())).toBe(failure);
  });

  test('is one that goes on after its end', () => {
    const fields = new JsonFields();
    fields.add('1');
    fields.end();
    expect(failureOf(() => fields.add('2')).problem).toBe('trailing-text');
  });
});

describe('a finished text', () => {
  test('is read to the value that was announced, or refused like the stream', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          jsonText,
          damagedText,
          membersText.map(({ text }) => text),
        ),
        (text) => {
          if (isJson(text) && !saysAKeyTwice(text)) expect(readJson(text)).toEqual(JSON.parse(text));
          else expect(failureOf(() => readJson(text))).toEqual(failureOf(() => changesIn([text])));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('of a model is asked for again where it says a key twice', () => {
    const answer = z.object({ team: z.string() });
    expect(parseModelJson('route', answer, '{"team":"billing"}')).toEqual({ team: 'billing' });
    expect(() => parseModelJson('route', answer, '{"team":"billing","team":"sales"}')).toThrow(
      expect.objectContaining({
        type: 'MODEL_ANSWER_INVALID',
        nonRetryable: false,
        message: expect.stringMatching(/^route: .*the key "team" again at position \d+\. Ask again/),
      }) as Error,
    );
    expect(() => parseModelJson('route', answer, 'Billing.')).toThrow(
      /^route: the model was asked for JSON and answered "Billing\."/,
    );
    expect(() => parseModelJson('route', answer, '{"team":1}')).toThrow(
      /^route: the model's answer does not fit \(team: /,
    );
  });
});

describe('a large text', () => {
  const depth = 20_000;

  test('of brackets only has changes for the outer ones, and is read like by JSON.parse', () => {
    const text = '['.repeat(depth) + ']'.repeat(depth);
    const changes = changesIn([text]);
    expect(changes.filter((change) => 'opens' in change)).toHaveLength(64);
    const document = merged(changes);
    let levels = 0;
    expect(document.kind).toBe('known');
    for (let value = (document as { value: unknown }).value; Array.isArray(value); value = value[0]) levels += 1;
    expect(levels).toBe(depth);
  });

  test('of objects deeper than what is announced keeps every member, and refuses a key twice there too', () => {
    const nested = (inner: string): string => '{"a":'.repeat(70) + inner + '}'.repeat(70);
    const text = nested('{"x":[1,{"y":"z"}],"__proto__":2}');
    expect(merged(changesIn(text.split('')))).toEqual({ kind: 'known', value: JSON.parse(text) });
    expect(failureOf(() => changesIn([nested('{"x":1,"x":2}')])).problem).toBe('duplicate-key');
  });

  test('is looked at once: each character of it is read one time, whether it comes at once or one by one', () => {
    const text = JSON.stringify({
      text: 'x"\n\u{1f600}'.repeat(5_000),
      list: Array.from({ length: 2_000 }, (_, index) => index),
    });
    for (const parts of [[text], text.split('')]) {
      const reads = countingReads();
      try {
        expect(merged(changesIn(parts).filter((change) => 'is' in change && change.at.length === 1))).toMatchObject({
          kind: 'object',
        });
      } finally {
        reads.stop();
      }
      // charAt or charCodeAt, at most twice: a run is ended by the character that is read next.
      expect(reads.count()).toBeGreaterThan(text.length / 2);
      expect(reads.count()).toBeLessThan(4 * text.length);
    }
  });
});

/** What a string that is open certainly begins with: found by asking JSON.parse. */
function certainOf(open: string): string {
  for (let length = open.length; length > 0; length--) {
    const closed = `${open.slice(0, length)}"`;
    // What ends in an escaped quote is not closed by it.
    if (!isJson(closed)) continue;
    return (JSON.parse(closed) as string).replace(/[\ud800-\udbff]$/, '');
  }
  return '';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** By counting: each member that is said has a colon of its own, and only one of each key is read. */
function saysAKeyTwice(text: string): boolean {
  if (!isJson(text)) return false;
  const colons = text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
  const members = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 0;
    const parts: unknown[] = Object.values(value);
    return parts.reduce<number>((sum, part) => sum + members(part), Array.isArray(value) ? 0 : parts.length);
  };
  return colons > members(JSON.parse(text));
}

/** Counts how often single characters of strings are looked at. */
function countingReads(): { count: () => number; stop: () => void } {
  let count = 0;
  const spies = (['charAt', 'charCodeAt'] as const).map((name) => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own this below
    const original = String.prototype[name] as (this: string, index: number) => never;
    return jest.spyOn(String.prototype, name).mockImplementation(function (this: string, index: number) {
      count += 1;
      return original.call(this, index);
    });
  });
  return { count: () => count, stop: () => spies.forEach((spy) => spy.mockRestore()) };
}
