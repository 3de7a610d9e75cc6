import { Worker, type WorkerOptions } from '@temporalio/worker';
import {
  definePolicy,
  defineStage,
  PolicyError,
  RunaheadPlugin,
  StageError,
  type PolicyInput,
} from '../speculation/plugin';
import { StageWorker } from '../speculation/plugin/stage-worker';
import { PostgresStageStore } from '../speculation/stages/postgres-store';
import type { StageStore } from '../speculation/stages/stage-store';
import { freePort } from '../workers/free-port';
import { COMMIT_STAGE_ACTIVITY } from '../speculation/runtime/protocol';
import { SqliteStageStore } from '../speculation/stages/sqlite-store';
import type { StageDefinition } from '../speculation/stages/stage-definition';

const store = new SqliteStageStore({ name: 'bookings', file: '/tmp/never-opened.db' });
const good = {
  store,
  prepare: async () => ({ value: 1, content: 1 }),
  commit: async () => undefined,
  discard: async () => undefined,
};

function thrown(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('did not throw');
}

describe('defineStage', () => {
  test('completes a stage with an hour to live', () => {
    expect(defineStage(good)).toMatchObject({ ...good, ttlSeconds: 3600 });
    expect(defineStage({ ...good, ttlSeconds: 0.5 }).ttlSeconds).toBe(0.5);
  });

  test.each<[field: string, change: Record<string, unknown>, message: RegExp]>([
    ['prepare', { prepare: undefined }, /^Stage: prepare is missing .* Give a function/],
    ['commit', { commit: 'later' }, /^Stage: commit is no function \(given: "later"\)/],
    ['discard', { discard: undefined }, /^Stage: discard is missing .* would stay for ever\.$/],
    ['store', { store: undefined }, /^Stage: store is missing .* new SqliteStageStore/],
    ['store', { store: { name: 'x', open: () => 1 } }, /store is no store: it has no method begin/],
    ['store.name', { store: Object.assign(Object.create(store) as object, { name: '' }) }, /store\.name is no name/],
    ['ttlSeconds', { ttlSeconds: 0 }, /ttlSeconds is not a positive number \(given: 0\)/],
    ['ttlSeconds', { ttlSeconds: NaN }, /ttlSeconds is not a positive number \(given: NaN\)/],
    ['ttlSeconds', { ttlSeconds: '60' }, /ttlSeconds is not a positive number \(given: "60"\)/],
  ])('refuses a stage with a bad %s: %j', (field, change, message) => {
    const error = thrown(() => defineStage({ ...good, ...change }));
    expect(error).toBeInstanceOf(StageError);
    expect(error).toMatchObject({ code: 'STAGE_INVALID', field, message: expect.stringMatching(message) });
  });

  test.each([undefined, null, 'stage'])('refuses %p', (input) => {
    expect(() => defineStage(input as unknown as typeof good)).toThrow(StageError);
  });
});

describe('a policy', () => {
  const cost = { kind: 'fixed' as const, usd: 0 };
  const staged = (stage: StageDefinition) => ({ effect: 'staged' as const, stage, cost });

  test.each<[what: string, activities: PolicyInput['activities'], code: string, field: string]>([
    [
      'a stage that does not come from defineStage',
      { book: { effect: 'staged', cost, stage: { ...good, ttlSeconds: 1 } } },
      'POLICY_INVALID',
      'activities.book.stage',
    ],
    [
      'a stage beside another effect',
      { book: { effect: 'idempotent', cost, stage: defineStage(good) } },
      'POLICY_STAGE_NOT_STAGED',
      'activities.book.effect',
    ],
    [
      'two stores with the same name',
      {
        book: staged(defineStage(good)),
        pay: staged(
          defineStage({ ...good, store: new SqliteStageStore({ name: 'bookings', file: '/tmp/another.db' }) }),
        ),
      },
      'POLICY_STORE_NAME_TAKEN',
      'activities.pay.stage.store.name',
    ],
  ])('refuses %s', (_what, activities, code, field) => {
    const error = thrown(() => definePolicy({ activities }));
    expect(error).toBeInstanceOf(PolicyError);
    expect(error).toMatchObject({ code, field });
  });

  test('may use one store for many operations', () => {
    const { operations } = definePolicy({
      activities: { book: staged(defineStage(good)), pay: staged(defineStage(good)) },
    });
    expect([...operations.values()].map(({ barrier }) => barrier)).toEqual([true, true]);
  });
});

describe('a worker', () => {
  const policy = definePolicy({
    activities: {
      book: { effect: 'staged', stage: defineStage(good), cost: { kind: 'fixed', usd: 0 } },
      there: { effect: 'staged', stage: defineStage(good), remote: true, cost: { kind: 'fixed', usd: 0 } },
    },
  });
  const other = async (): Promise<void> => undefined;
  /** Nobody is asked about workflows here. */
  const client = {} as never;

  function namesOf(options: Partial<WorkerOptions>): string[] {
    const plugin = new RunaheadPlugin({ policy, hostControl: false });
    const { activities = {} } = plugin.configureWorker({ taskQueue: 'q', ...options });
    return Object.keys(activities).filter((name) => !/Lookup|Settings/.test(name));
  }

  test.each<[what: string, options: Partial<WorkerOptions>, names: string[]]>([
    ['that runs activities', { activities: { other } }, ['other', 'book', COMMIT_STAGE_ACTIVITY]],
    ['that runs nothing else', {}, ['book', COMMIT_STAGE_ACTIVITY]],
    [
      'of pipelines and activities',
      { workflowsPath: 'x', activities: { other } },
      ['other', 'book', COMMIT_STAGE_ACTIVITY],
    ],
    [
      'of pipelines whose activities are staged',
      { workflowsPath: 'x', activities: {} },
      ['book', COMMIT_STAGE_ACTIVITY],
    ],
    ['of pipelines alone', { workflowsPath: 'x' }, []],
    [
      'that may run no activities',
      { workflowsPath: 'x', activities: { other }, enableNonLocalActivities: false },
      ['other'],
    ],
  ])('%s has the staged activities that it should have', (_what, options, names) => {
    expect(namesOf(options)).toEqual(names);
  });

  test('with an activity that the policy stages is refused before it starts', async () => {
    const options = { taskQueue: 'q', activities: { book: other } };
    const error = thrown(() => new RunaheadPlugin({ policy, hostControl: false }).configureWorker(options));
    expect(error).toMatchObject({ code: 'POLICY_STAGE_IS_ACTIVITY', field: 'activities.book' });
    const plugins = [new RunaheadPlugin({ policy, hostControl: false })];
    await expect(Worker.create({ ...options, plugins })).rejects.toMatchObject({ code: 'POLICY_STAGE_IS_ACTIVITY' });
  });

  test('does not start with a store that cannot be used, and does start while its database cannot be reached', async () => {
    const withStore = (used: StageStore): StageWorker => {
      const stage = defineStage({ ...good, store: used });
      const staged = definePolicy({
        activities: { book: { effect: 'staged', stage, cost: { kind: 'fixed', usd: 0 } } },
      });
      return new StageWorker(staged, { sweepMs: 60_000, warnOnce: (_key, message) => void warnings.push(message) });
    };
    const warnings: string[] = [];
    const nowhere = withStore(new SqliteStageStore({ name: 'nowhere', file: '/no/such/folder/stages.db' }));
    await expect(nowhere.start(client, 'default')).rejects.toMatchObject({ code: 'STAGE_STORE_UNREACHABLE' });
    expect(warnings).toEqual([]);
    const url = `postgres://127.0.0.1:${await freePort('127.0.0.1')}/x`;
    const down = withStore(new PostgresStageStore({ name: 'down', connectionString: url }));
    await down.stop(await down.start(client, 'default'));
    expect(warnings[0]).toMatch(/^The store "down" cannot be reached yet \(.*ECONNREFUSED/);
  });

  test('may have an activity of its own where the policy says that another worker stages it', () => {
    expect(namesOf({ activities: { there: other } })).toEqual(['there', 'book', COMMIT_STAGE_ACTIVITY]);
  });
});
