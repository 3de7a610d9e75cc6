import type { PartialChange } from '../../speculation/forecast/partial-value';
import { JsonFields } from '../../speculation/streams/json-fields';
import type { Script } from './scripted-worker';

const DOWNSTREAM: Script['downstream'] = {
  first: {},
  second: {},
  third: {},
  commit: { effect: 'irreversible' },
  book: { effect: 'staged', barrier: true },
};

/** Values that nobody should be given: of every wrong type, huge, deep, and with keys that mean something to JavaScript. */
const HOSTILE: readonly unknown[] = [
  null,
  [],
  {},
  'start',
  { value: 3 },
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'),
  JSON.parse('{"value": {"__proto__": [1, 2]}, "list": [{"prototype": {}}, {"hasOwnProperty": 1}]}'),
  { then: 'not a promise' },
  { toJSON: 1, length: -1 },
  { value: null, list: { length: 3, 0: 'a' } },
  'x'.repeat(5_000),
  { list: Array.from({ length: 2_000 }, (_, index) => ({ value: index })) },
  [[[[[[[['deep']]]]]]]],
  JSON.parse(`${'{"value":'.repeat(200)}1${'}'.repeat(200)}`),
  // What a cyclic value looks like where somebody writes it as text.
  { value: '[Circular]', list: [{ $ref: '$' }, { $ref: '$["list"]' }] },
  NaN,
  -0,
];

/** What an operation answers: a function of its input. It may throw. */
export type Answer = (operation: string, input: unknown) => unknown;

/** Makes the same choice for the same question. */
function pick(choices: readonly number[], question: string): number {
  const sum = question.split('').reduce((total, letter) => (total * 33 + letter.charCodeAt(0)) % 65_521, 5381);
  return choices[sum % choices.length] ?? 0;
}

function answered(answer: Answer, operation: string, input: unknown): unknown {
  try {
    return answer(operation, input);
  } catch {
    // A forecast cannot foresee a failure; it says what it said before.
    return 'down';
  }
}

/** Forecasts of an operation: right, of another operation (swapped), of an earlier input (stale), random or hostile, as the numbers say. */
export function forecastsFor(choices: readonly number[], answer: Answer) {
  const earlier = new Map<string, unknown>();
  return (operation: string) =>
    ([input]: unknown[]): Script => {
      const choice = pick(choices, `${operation} ${JSON.stringify(input)}`);
      const right = answered(answer, operation, input);
      const swapped = answered(answer, operation === 'first' ? 'second' : 'first', input);
      const stale = earlier.get(operation) ?? 'nothing yet';
      earlier.set(operation, right);
      const hostile = HOSTILE[choice % HOSTILE.length];
      const kinds: unknown[][] = [
        [right, hostile],
        [hostile, right],
        [swapped, right],
        [stale, swapped],
        [hostile, stale],
        [choice],
      ];
      return { forecasts: kinds[choice % kinds.length] ?? [], downstream: DOWNSTREAM };
    };
}

/** What an operation announces of its output while it streams, one update after the other: the truth, half of it, a lie, or garbage. */
export function announcementsOf(choices: readonly number[], operation: string, value: unknown): PartialChange[][] {
  const choice = pick(choices, `stream of ${operation} ${JSON.stringify(value)}`);
  const hostile = HOSTILE[choice % HOSTILE.length];
  const told = [value, value, hostile, { value: choice, list: [choice, value] }][choice % 4];
  const text = JSON.stringify(told);
  const fields = new JsonFields();
  const half = Math.ceil(text.length / 2);
  const updates = [fields.add(text.slice(0, half)), fields.add(text.slice(half)), fields.end()];
  if (choice % 7 === 0)
    updates.splice(1, 0, [{ at: ['__proto__', 0], is: 1 }, { at: [9_999_999], is: 2 }, { at: -1 } as never]);
  return choice % 5 === 0 ? [] : updates.filter((changes) => changes.length > 0);
}
