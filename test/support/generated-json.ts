import fc from 'fast-check';
import type { JsonPath, PartialChange } from '../../speculation/forecast/partial-value';

const KEYS = ['a', 'b', 'id', 'text', '', '__proto__', 'constructor', 'toString', '0', 'ключ', '\u{1f600}', '\ufeff'];

/** Strings with what escapes, surrogates and byte order marks can do. */
export const jsonString: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '"',
        '\\',
        '/',
        '\n',
        '\u0000',
        '\u007f',
        '\ud83d',
        '\ude00',
        '\u{1f600}',
        '\ufeff',
        '\u2028',
        'x',
      ),
    )
    .map((parts) => parts.join('')),
);

const jsonNumber = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e21, 1e-7, 5e-324, 1.7976931348623157e308),
);

/** What JSON.parse gives: plain, and keys such as `__proto__` are entries of their own. */
export const jsonValue: fc.Arbitrary<unknown> = fc.letrec<{
  value: unknown;
  leaf: unknown;
  list: unknown;
  record: unknown;
}>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small', withCrossShrink: true },
    { arbitrary: tie('leaf'), weight: 2 },
    { arbitrary: tie('list'), weight: 3 },
    { arbitrary: tie('record'), weight: 5 },
  ),
  leaf: fc.oneof(fc.constantFrom(null, true, false), jsonNumber, jsonString),
  list: fc.array(tie('value'), { maxLength: 4 }),
  record: fc
    .uniqueArray(fc.tuple(fc.oneof(fc.constantFrom(...KEYS), jsonString), tie('value')), {
      maxLength: 5,
      selector: ([key]) => key,
    })
    .map((entries) => Object.fromEntries(entries)),
})).value;

type Choose = (below: number) => number;

/** Answers of a generated die, over and over. */
const choices: fc.Arbitrary<Choose> = fc.array(fc.nat(59), { minLength: 1, maxLength: 40 }).map((answers) => {
  let next = 0;
  return (below: number) => (answers[next++ % answers.length] ?? 0) % below;
});

/** A value as JSON text, with white space and escapes in many ways. */
export const jsonText: fc.Arbitrary<string> = fc
  .tuple(jsonValue, choices)
  .map(([value, choose]) => space(choose) + written(value, choose) + space(choose));

/** A string as JSON text, escaped in many ways. */
export const jsonStringText: fc.Arbitrary<string> = fc
  .tuple(jsonString, choices)
  .map(([value, choose]) => written(value, choose));

/** The text of an object with these members, also if a key is among them twice. */
export const membersText: fc.Arbitrary<{ keys: string[]; text: string }> = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom(...KEYS), jsonValue), { maxLength: 6 }), choices)
  .map(([members, choose]) => ({ keys: members.map(([key]) => key), text: objectText(members, choose) }));

/** JSON text of which a character was taken, doubled, added or put elsewhere: some of it is still JSON. */
export const damagedText: fc.Arbitrary<string> = fc
  .tuple(
    jsonText,
    fc.nat(),
    fc.constantFrom(
      '"',
      '\\',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      '0',
      '-',
      '.',
      'e',
      't',
      ' ',
      '\n',
      '\u0001',
      '\ufeff',
      '\ud800',
      'é',
    ),
    fc.constantFrom('taken', 'doubled', 'added', 'replaced', 'cut', 'moved'),
  )
  .map(([text, at, character, how]) => {
    const index = at % (text.length + 1);
    const [before, here, after] = [text.slice(0, index), text.slice(index, index + 1), text.slice(index + 1)];
    switch (how) {
      case 'taken':
        return before + after;
      case 'doubled':
        return before + here + here + after;
      case 'added':
        return before + character + here + after;
      case 'replaced':
        return before + character + after;
      case 'cut':
        return before;
      case 'moved':
        return before + after + here;
    }
  });

/** A text and the same in pieces, some of them empty. */
export function cutText(texts: fc.Arbitrary<string>): fc.Arbitrary<{ text: string; parts: string[] }> {
  return fc.tuple(texts, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean()).map(([text, cuts, everywhere]) => {
    if (everywhere) return { text, parts: text.split('') };
    const places = cuts.map((cut) => cut % (text.length + 1)).sort((one, other) => one - other);
    return { text, parts: [...places, text.length].map((end, index) => text.slice(places[index - 1] ?? 0, end)) };
  });
}

function written(value: unknown, choose: Choose): string {
  if (typeof value === 'string') return `"${[...value.split('')].map((unit) => writtenUnit(unit, choose)).join('')}"`;
  if (typeof value === 'number') return writtenNumber(value, choose);
  if (Array.isArray(value)) {
    return `[${space(choose)}${value.map((element) => written(element, choose) + space(choose)).join(`,${space(choose)}`)}]`;
  }
  if (typeof value === 'object' && value !== null) return objectText(Object.entries(value), choose);
  return String(value);
}

function objectText(members: readonly (readonly [string, unknown])[], choose: Choose): string {
  const texts = members.map(
    ([key, value]) =>
      `${space(choose)}${written(key, choose)}${space(choose)}:${space(choose)}${written(value, choose)}${space(choose)}`,
  );
  return `{${texts.join(',')}${texts.length === 0 ? space(choose) : ''}}`;
}

const SHORT_ESCAPES = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['/', '\\/'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function writtenUnit(unit: string, choose: Choose): string {
  const code = unit.charCodeAt(0).toString(16).padStart(4, '0');
  const way = choose(6);
  if (way === 0) return `\\u${code}`;
  if (way === 1) return `\\u${code.toUpperCase()}`;
  const short = SHORT_ESCAPES.get(unit);
  if (short !== undefined && (unit !== '/' || way === 2)) return short;
  return unit < ' ' ? `\\u${code}` : unit;
}

function writtenNumber(value: number, choose: Choose): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  if (text.includes('e')) return choose(2) === 0 ? text : text.replace('e', 'E');
  return text + (['', '', 'e0', 'E+0', 'e-0', text.includes('.') ? '00' : '.0'][choose(6)] ?? '');
}

function space(choose: Choose): string {
  return ['', '', '', ' ', '\n', '\t', '\r\n  '][choose(7)] ?? '';
}

/** Changes that announce a value, in document order. */
export function changesOf(value: unknown, at: JsonPath = []): PartialChange[] {
  if (typeof value !== 'object' || value === null) {
    const begins = typeof value === 'string' ? [{ at, begins: value.slice(0, Math.floor(value.length / 2)) }] : [];
    return [...begins, { at, is: value }];
  }
  const steps: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [
    { at, opens: Array.isArray(value) ? 'array' : 'object' },
    ...steps.flatMap(([step, part]) => changesOf(part, [...at, step])),
    { at, closes: true },
  ];
}
