import { Context } from '@temporalio/activity';
import fc from 'fast-check';
import { type Billed, COMMIT_STAGE_ACTIVITY, type StageReference } from '../speculation/runtime/protocol';
import type { Program } from './pipelines/generated';
import { program } from './support/generated-programs';
import { announcementsOf, forecastsFor } from './support/hostile-forecasts';
import { publish } from './support/published';
import { replay, withPipeline, type Activities } from './support/scripted-worker';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();

/** What the operations really answer: a function of their input, of mixed types, that sometimes fails. */
function answer(operation: string, input: unknown): unknown {
  const text = JSON.stringify(input);
  const sum = text.split('').reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 997, operation.length);
  if (sum % 11 === 0) throw new Error(`${operation} is down`);
  const list = [{ value: sum % 3 }, { value: `${operation}-${sum % 5}` }, sum % 4];
  return [sum, { value: sum % 7, list }, `${operation}-${sum % 5}`, list, null, { list, value: { value: 1 } }][sum % 6];
}

/** The effects that somebody outside can see, whichever way they came about. */
class World {
  readonly seen: string[] = [];
  readonly #prepared = new Map<string, string>();

  book(input: unknown, early: boolean): Billed | string {
    const effect = `booked ${JSON.stringify(input)}`;
    if (!early) {
      this.seen.push(effect);
      return effect;
    }
    const id = `stage ${this.#prepared.size}`;
    this.#prepared.set(id, effect);
    return { __runahead: 1, value: effect, usage: [], stage: { activityType: 'book', id } };
  }

  commit({ id }: StageReference): void {
    const effect = this.#prepared.get(id);
    if (effect === undefined) throw new Error(`${id} was committed twice, or never prepared`);
    this.#prepared.delete(id);
    this.seen.push(effect);
  }
}

function activities(world: World, choices: readonly number[], runahead: boolean): Activities {
  const isEarly = (): boolean => Context.current().info.activityId.startsWith('spec-');
  const operation = (name: string) => async (input: unknown) => {
    const value = answer(name, input);
    const { isLocal } = Context.current().info;
    const updates = runahead && !isLocal && name === 'first' ? announcementsOf(choices, name, value) : [];
    for (const [index, changes] of updates.entries()) await publish(index + 1, ...changes);
    return value;
  };
  return {
    first: operation('first'),
    second: operation('second'),
    third: operation('third'),
    commit: async (input: unknown) => {
      world.seen.push(`committed ${JSON.stringify(input)}`);
      return 'committed';
    },
    book: async (input: unknown) => world.book(input, isEarly()),
    [COMMIT_STAGE_ACTIVITY]: async (stage: StageReference) => world.commit(stage),
  };
}

test('whatever is forecast or announced, results and committed effects are those of the plain run', async () => {
  const server = await temporal.start();
  const tally = { pipelines: 0, launched: 0, claimed: 0, streamed: 0 };
  const outcome = async (made: Program, runahead: boolean, choices: number[], clientHasPlugin = true) => {
    const world = new World();
    const scripted = forecastsFor(choices, answer);
    const scripts = runahead
      ? Object.fromEntries(['first', 'second', 'third'].map((name) => [name, scripted(name)]))
      : {};
    return withPipeline(
      server,
      'generated',
      [made],
      activities(world, choices, runahead),
      { runahead, scripts, clientHasPlugin, settings: { streamed: ['first'] } },
      async ({ handle, history }) => {
        const result = await handle
          .result()
          .catch((error: unknown) => `failed: ${String((error as { cause?: unknown }).cause)}`);
        if (runahead) {
          const { totals } = await handle.query<{ totals: Record<string, number> }>('ledger');
          const { launched = 0, claimed = 0, cancelled = 0, failed = 0 } = totals;
          expect(launched).toBe(claimed + cancelled + failed);
          const recorded = await history();
          tally.pipelines += 1;
          tally.launched += launched;
          tally.claimed += claimed;
          tally.streamed += (recorded.events ?? []).filter(
            ({ workflowExecutionSignaledEventAttributes: signal }) => signal != null,
          ).length;
          await replay(recorded);
        }
        return { result, effects: world.seen.sort() };
      },
    );
  };
  await fc.assert(
    fc.asyncProperty(
      program,
      fc.array(fc.nat(419), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (made, choices, clientHasPlugin) => {
        const plain = await outcome(made, false, choices);
        const ahead = await outcome(made, true, choices, clientHasPlugin);
        expect(ahead).toEqual(plain);
      },
    ),
    { numRuns: Number(process.env['LOSSLESS_RUNS'] ?? 30), seed: 7, endOnFailure: true },
  );
  // A property of pipelines that never ran ahead would say nothing.
  expect(tally.launched).toBeGreaterThan(0);
  expect(tally.claimed).toBeGreaterThan(0);
  expect(tally.streamed).toBeGreaterThan(0);
}, 300_000);
