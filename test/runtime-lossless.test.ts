import fc from 'fast-check';
import type { Program } from './pipelines/generated';
import { program } from './support/generated-programs';
import { replay, withPipeline, type Activities, type Script } from './support/scripted-worker';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();

/** What the operations really answer: a function of their input, of mixed types, that sometimes fails. */
function answer(operation: string, input: unknown): unknown {
  const text = JSON.stringify(input);
  const sum = text.split('').reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 997, operation.length);
  if (sum % 11 === 0) throw new Error(`${operation} is down`);
  return [sum, { value: sum % 7 }, `${operation}-${sum % 5}`, [sum % 3], null][sum % 5];
}

const HOSTILE: unknown[] = [
  null,
  [],
  {},
  'start',
  { value: 3 },
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'),
  { then: 'not a promise' },
  { toJSON: 1, length: -1 },
  'x'.repeat(5_000),
  [[[[[[[['deep']]]]]]]],
  NaN,
];

/** Right, wrong, hostile or nothing, as the numbers say. */
function forecasts(choices: number[], operation: string) {
  return ([input]: unknown[]): Script => {
    const text = `${operation}${JSON.stringify(input)}`;
    const choice = choices[text.length % choices.length] ?? 0;
    let right: unknown = 'down';
    try {
      right = answer(operation, input);
    } catch {
      // A forecast cannot foresee a failure; it says what it said before.
    }
    const hostile = HOSTILE[choice % HOSTILE.length];
    const values = choice % 3 === 0 ? [right, hostile] : choice % 3 === 1 ? [hostile, right] : [hostile];
    return { forecasts: values, downstream: { first: {}, second: {}, third: {}, commit: { effect: 'irreversible' } } };
  };
}

function activities(effects: string[]): Activities {
  const operation = (name: string) => async (input: unknown) => answer(name, input);
  return {
    first: operation('first'),
    second: operation('second'),
    third: operation('third'),
    commit: async (input: unknown) => {
      effects.push(JSON.stringify(input));
      return 'committed';
    },
  };
}

test('whatever is forecast, right, wrong or hostile, results and committed effects are those of the plain run', async () => {
  const server = await temporal.start();
  const outcome = async (made: Program, runahead: boolean, choices: number[], clientHasPlugin = true) => {
    const effects: string[] = [];
    const scripts = runahead
      ? Object.fromEntries(['first', 'second', 'third'].map((name) => [name, forecasts(choices, name)]))
      : {};
    return withPipeline(
      server,
      'generated',
      [made],
      activities(effects),
      { runahead, scripts, clientHasPlugin },
      async ({ handle, history }) => {
        const result = await handle
          .result()
          .catch((error: unknown) => `failed: ${String((error as { cause?: unknown }).cause)}`);
        if (runahead) {
          const { totals } = await handle.query<{ totals: Record<string, number> }>('ledger');
          expect(totals['launched']).toBe(
            (totals['claimed'] ?? 0) + (totals['cancelled'] ?? 0) + (totals['failed'] ?? 0),
          );
          await replay(await history());
        }
        return { result, effects: effects.sort() };
      },
    );
  };
  await fc.assert(
    fc.asyncProperty(
      program,
      fc.array(fc.nat(32), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (made, choices, clientHasPlugin) => {
        const plain = await outcome(made, false, choices);
        const ahead = await outcome(made, true, choices, clientHasPlugin);
        expect(ahead).toEqual(plain);
      },
    ),
    { numRuns: Number(process.env['LOSSLESS_RUNS'] ?? 25), seed: 7, endOnFailure: true },
  );
}, 240_000);
