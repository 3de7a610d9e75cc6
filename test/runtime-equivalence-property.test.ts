import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import type { Program } from './pipelines/generated';
import { program } from './support/generated-programs';
import { replay, withPipeline, type Activities, type Script } from './support/scripted-worker';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();

/** What the operations really answer: a function of their input that does not look at case, and sometimes fails. */
function answer(operation: string, input: unknown): unknown {
  const text = JSON.stringify(input).toLowerCase();
  const sum = text.split('').reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 997, operation.length);
  if (sum % 13 === 0) throw new Error(`${operation} is down`);
  return [`${operation} ${sum % 5}`, { words: [`word ${sum % 7}`] }, `said ${sum % 3}`][sum % 3];
}

const shout = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).toUpperCase().replace('"WORDS"', '"words"'));
const quiet = (value: unknown): string => (JSON.stringify(value) as string | undefined)?.toLowerCase() ?? '';

/** Exactly right, right but for the case, or wrong, as the numbers say; every edge but that of the irreversible one accepts equivalents. */
function scriptOf(choices: number[], operation: string, kind: NonNullable<Script['equivalence']>) {
  return ([input]: unknown[]): Script => {
    const choice = choices[JSON.stringify(input).length % choices.length] ?? 0;
    let right: unknown = 'down';
    try {
      right = answer(operation, input);
    } catch {
      // A forecast cannot foresee a failure.
    }
    const forecasts = [[shout(right)], [shout(right), 'wrong'], ['wrong', shout(right)], [right], ['wrong']][
      choice % 5
    ];
    const accepts = { acceptsEquivalent: choice % 7 !== 6 };
    return {
      forecasts: forecasts ?? [],
      equivalence: kind,
      downstream: { first: accepts, second: accepts, third: accepts, commit: { effect: 'irreversible' } },
    };
  };
}

/** Most made-up pipelines do not hand an output on; these do. */
function behindCalls(made: Program): Program {
  const call = (operation: 'first' | 'second' | 'third'): Program => ({ kind: 'call', operation, input: 'state' });
  const chain: Program = { kind: 'sequence', parts: [call('first'), call('second'), call('third')] };
  return { kind: 'sequence', parts: [{ kind: 'recover', body: chain }, made] };
}

function activities(effects: string[]): Activities {
  const operation = (name: string) => async (input: unknown) => {
    // Long enough to run ahead of.
    await pause(20);
    return answer(name, input);
  };
  return {
    first: operation('first'),
    second: operation('second'),
    third: operation('third'),
    commit: async (input: unknown) => {
      effects.push(quiet(input));
      return 'committed';
    },
  };
}

test('where edges accept equivalent forecasts, results and committed effects are equivalent to those of the plain run', async () => {
  const server = await temporal.start();
  let equivalents = 0;
  const outcome = async (made: Program, runahead: boolean, choices: number[], maxCachedWorkflows?: number) => {
    const effects: string[] = [];
    const scripts = runahead
      ? {
          first: scriptOf(choices, 'first', 'function'),
          second: scriptOf(choices, 'second', 'embedding'),
          third: scriptOf(choices, 'third', 'function'),
        }
      : {};
    return withPipeline(
      server,
      'generated',
      [made],
      activities(effects),
      {
        runahead,
        scripts,
        equivalent: ({ forecast, actual }) => quiet(forecast) === quiet(actual),
        ...(maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows }),
      },
      async ({ handle, history }) => {
        const result = await handle
          .result()
          .catch((error: unknown) => `failed: ${String((error as { cause?: unknown }).cause)}`);
        if (runahead) {
          const { totals, entries } = await handle.query<{
            totals: Record<string, number>;
            entries: { match?: string }[];
          }>('ledger');
          expect(totals['launched']).toBe(
            (totals['claimed'] ?? 0) + (totals['cancelled'] ?? 0) + (totals['failed'] ?? 0),
          );
          equivalents += entries.filter(({ match }) => match === 'equivalent').length;
          await replay(await history());
        }
        return { result: quiet(result), effects: effects.sort() };
      },
    );
  };
  await fc.assert(
    fc.asyncProperty(
      program.map(behindCalls),
      fc.array(fc.nat(34), { minLength: 1, maxLength: 6 }),
      fc.constantFrom(undefined, undefined, 0),
      async (made, choices, maxCachedWorkflows) => {
        const plain = await outcome(made, false, choices);
        const ahead = await outcome(made, true, choices, maxCachedWorkflows);
        expect(ahead).toEqual(plain);
      },
    ),
    { numRuns: Number(process.env['EQUIVALENCE_RUNS'] ?? 15), seed: 11, endOnFailure: true },
  );
  // Or the property would hold for nothing.
  expect(equivalents).toBeGreaterThan(0);
}, 240_000);
