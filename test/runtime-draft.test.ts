import {
  briefingFor,
  replay,
  scheduledActivities,
  withPipeline,
  type Activities,
  type Script,
} from './support/scripted-worker';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';
import { untilCancelled } from './support/until-cancelled';

const temporal = useTemporal();

interface Answers {
  totals: { launched: number; claimed: number; cancelled: number };
  entries: { kind: string; state: string; operation: string }[];
}

function drafted(expectedCostUsd: number): Script {
  const draft = { activityType: 'guess', expectedCostUsd, latencySeconds: [0.1] };
  return { draft, downstream: { second: {} } };
}

async function run(activities: Activities, script: Script, prepare: (stage: Stage) => Activities = () => ({})) {
  const stage = new Stage();
  const all: Activities = {
    first: async (input: string) => {
      await stage.reached('second');
      return `${input}1`;
    },
    second: async (input: string) => {
      stage.mark('second');
      return `${input}2`;
    },
    ...activities,
    ...prepare(stage),
  };
  return withPipeline(
    await temporal.start(),
    'waitsForever',
    ['x'],
    all,
    { scripts: { first: script } },
    async ({ handle, history }) => {
      const result: unknown = await handle.result();
      const ledger = await handle.query<Answers>('ledger');
      const decisions = await handle.query<{ phase: string; decision: string }[]>('decisions');
      const recorded = await history();
      await replay(recorded);
      return { result, ledger, decisions, scheduled: scheduledActivities(recorded) };
    },
  );
}

test('a draft that is worth its price is asked for, and the pipeline runs ahead on what it says', async () => {
  const { result, ledger, decisions, scheduled } = await run(
    { guess: async (input: string) => `${input}1` },
    drafted(0.0001),
  );
  expect(result).toBe('x12');
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1 });
  expect(ledger.entries).toContainEqual(
    expect.objectContaining({ kind: 'draft', operation: 'guess', state: 'committed' }),
  );
  expect(decisions[0]).toMatchObject({ phase: 'ask', decision: 'ask' });
  expect(scheduled.map(({ id }) => id.replace(/\d+$/, ''))).toEqual(['', 'forecast-', 'spec-']);
});

test('a draft that costs more than its answer can be worth is not asked for, and the decision says so', async () => {
  const { result, ledger, decisions } = await run({}, drafted(10), (stage) => ({
    first: async (input: string) => {
      stage.mark('first');
      return `${input}1`;
    },
  }));
  expect(result).toBe('x12');
  expect(ledger.totals.launched).toBe(0);
  expect(decisions).toEqual([expect.objectContaining({ phase: 'ask', decision: 'skip', reason: 'not-worth-it' })]);
});

test('a draft that is still thinking when the answer comes is cancelled', async () => {
  const { result, ledger } = await run({}, drafted(0.0001), (stage) => ({
    first: async (input: string) => {
      await stage.reached('guess');
      return `${input}1`;
    },
    guess: async () => {
      stage.mark('guess');
      await untilCancelled();
    },
    second: async (input: string) => {
      // The clean-up must be over before the pipeline is, so that this test sees it in the books.
      await new Promise((resolve) => setTimeout(resolve, 500));
      return `${input}2`;
    },
  }));
  expect(result).toBe('x12');
  expect(ledger.totals.launched).toBe(0);
  expect(ledger.entries).toContainEqual(expect.objectContaining({ kind: 'draft', state: 'cancelled' }));
});

test('a briefing without anything in it is no reason to fail', async () => {
  expect(briefingFor({ downstream: {} }).forecasts).toEqual([]);
  const { result } = await run({}, { downstream: {} }, () => ({ first: async (input: string) => `${input}1` }));
  expect(result).toBe('x12');
});
