import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import Database from 'libsql';
import {
  idempotencyKey,
  RunaheadPlugin,
  SqliteStageStore,
  WORKFLOW_INTERCEPTOR_PATH,
  type OutboxMessage,
} from '../speculation/plugin';
import type { Order } from './stage-workflows';
import { bookingPolicy, whileBeating, type BookingEvents } from './support/staged-booking';
import { useTemporal } from './support/temporal';
import { until } from './support/until';
import { untilAnswer } from './support/until-answer';

let shared: StartedWorker | null = null;
// Before its server is stopped.
afterAll(() => shared?.stop());
const temporal = useTemporal();
const folder = mkdtempSync(join(tmpdir(), 'runahead-booking-'));
const file = join(folder, 'booking.db');
const database = new Database(file, { timeout: 5_000 });
const delivered: OutboxMessage[] = [];
const store = new SqliteStageStore({ name: 'booking', file, deliver: async (message) => void delivered.push(message) });
let bundle: WorkflowBundleWithSourceMap;

/** What the test's activities did, one word a line, and what holds them back. */
const done: string[] = [];
const held = new Set<string>();
const events: BookingEvents = {
  preparing: async ({ id }, name) => {
    done.push(`prepare ${name} ${id}`);
    await whileBeating(() => !held.has(`prepare ${name}`));
  },
  committing: (id) => void done.push(`commit ${id}`),
  discarding: (id) => void done.push(`discard ${id}`),
};
const activities = {
  check: async ({ name, verdict }: Order) => {
    await whileBeating(() => !held.has(`check ${name}`));
    return verdict;
  },
  charge: async (name: string) => {
    const { attempt, activityId } = Context.current().info;
    done.push(`charge ${name} ${activityId.startsWith('spec-') ? 'early' : 'plain'} ${idempotencyKey()}`);
    if (name.endsWith('fails early') && activityId.startsWith('spec-')) throw ApplicationFailure.nonRetryable('no');
    if (name.endsWith('fails at first') && attempt === 1) throw new Error('not yet');
    return idempotencyKey();
  },
};

beforeAll(async () => {
  database.exec('CREATE TABLE effects (id TEXT NOT NULL)');
  bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./stage-workflows'),
    workflowInterceptorModules: [WORKFLOW_INTERCEPTOR_PATH],
    logger: new DefaultLogger('ERROR'),
  });
}, 60_000);
afterAll(async () => {
  await store.close();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  done.splice(0);
  held.clear();
});

interface Running {
  client: Client;
  start: (pipeline: string, ...args: unknown[]) => Promise<WorkflowHandle>;
}

interface StartedWorker extends Running {
  stop: () => Promise<void>;
}

async function startWorker(ttlSeconds: number): Promise<StartedWorker> {
  const { nativeConnection, connection } = await temporal.start();
  const policy = bookingPolicy(store, events, ttlSeconds);
  const plugin = new RunaheadPlugin({ policy, hostControl: false, sweepMs: 100, logger: new DefaultLogger('ERROR') });
  const taskQueue = temporal.taskQueue();
  const client = new Client({ connection, plugins: [plugin] });
  const worker = await Worker.create({
    ...{ connection: nativeConnection, taskQueue, workflowBundle: bundle, activities, plugins: [plugin] },
  });
  const run = worker.run();
  const start = (pipeline: string, ...args: unknown[]): Promise<WorkflowHandle> =>
    client.workflow.start(pipeline, {
      taskQueue,
      workflowId: temporal.taskQueue('w'),
      args,
      workflowTaskTimeout: '2s',
    });
  const stop = async (): Promise<void> => {
    worker.shutdown();
    await run;
  };
  return { client, start, stop };
}

/** Most tests share one worker; it takes a second to start and to stop. */
async function withWorker(body: (running: Running) => Promise<void>): Promise<void> {
  await body((shared ??= await startWorker(600)));
}

function effects(ticket: string): number {
  return database.prepare('SELECT id FROM effects WHERE id = ?').all([ticket]).length;
}

/** What happened to a booking, in order, without ids. */
function steps(): string[] {
  return done.map((line) => line.split(' ')[0]!);
}

function idOf(step: string): string {
  return done
    .find((line) => line.startsWith(step))!
    .split(' ')
    .at(-1)!;
}

async function activityTypes(handle: WorkflowHandle): Promise<string[]> {
  const { events: history } = await handle.fetchHistory();
  return (history ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled ? [`${prefixOf(scheduled.activityId)}${scheduled.activityType?.name ?? ''}`] : [],
  );
}

/** What the runtime calls its own calls; nothing for those of the pipeline. */
function prefixOf(activityId: string | null | undefined): string {
  const [prefix = ''] = (activityId ?? '').split('-');
  return /^\d+$/.test(prefix) ? '' : `${prefix} `;
}

const order = (name: string, guess = 'yes'): Order => ({ name, verdict: 'yes', guess });

test('a plain call prepares and commits in one activity, and what the commit sent is delivered once', async () => {
  await withWorker(async ({ start }) => {
    const handle = await start('bookNow', 'plain');
    expect(await handle.result()).toBe('plain/yes');
    expect(steps()).toEqual(['prepare', 'commit']);
    expect(effects('plain/yes')).toBe(1);
    expect(await activityTypes(handle)).toEqual(['book']);
    const key = idOf('commit');
    await until(() => delivered.some((message) => message.key === key));
    expect(delivered.filter((message) => message.key === key)).toEqual([{ topic: 'booked', key, body: 'plain/yes' }]);
    expect(await store.read(key)).toMatchObject({ state: 'committed', workflowId: handle.workflowId });
  });
});

test('an effect that returns nothing can be staged too', async () => {
  await withWorker(async ({ start }) => {
    expect(await (await start('rememberThat', 'x')).result()).toBe('undefined');
    expect(effects('remembered undefined undefined')).toBe(1);
  });
});

test('a launch prepares, and only the claim makes it visible, once', async () => {
  await withWorker(async ({ start }) => {
    held.add('check early');
    const handle = await start('bookAfterCheck', order('early'));
    await until(() => steps().includes('prepare'));
    const id = idOf('prepare');
    await untilAnswer(
      () => store.read(id),
      (stage) => stage?.state === 'prepared',
    );
    expect(effects('early/yes')).toBe(0);
    held.clear();
    expect(await handle.result()).toBe('early/yes');
    expect(steps()).toEqual(['prepare', 'commit']);
    expect(effects('early/yes')).toBe(1);
    expect(await activityTypes(handle)).toEqual(['check', 'spec book', 'commit runaheadCommitStage']);
  });
});

test('what a wrong guess has prepared is discarded, and the real call is the only one that is seen', async () => {
  await withWorker(async ({ start }) => {
    held.add('check wrong');
    const handle = await start('bookAfterCheck', order('wrong', 'no'));
    await until(() => steps().includes('prepare'));
    const id = idOf('prepare');
    await untilAnswer(
      () => store.read(id),
      (stage) => stage?.state === 'prepared',
    );
    held.clear();
    expect(await handle.result()).toBe('wrong/yes');
    await untilAnswer(
      () => store.read(id),
      (stage) => stage?.state === 'discarded',
    );
    expect([effects('wrong/no'), effects('wrong/yes')]).toEqual([0, 1]);
    expect(done.filter((line) => line.startsWith('discard'))).toEqual([`discard ${id}`]);
  });
});

test('a launch that is cancelled while it prepares discards before the cancellation goes on', async () => {
  await withWorker(async ({ start }) => {
    for (const what of ['check slow', 'prepare slow']) held.add(what);
    const handle = await start('bookAfterCheck', order('slow', 'no'));
    await until(() => steps().includes('prepare'));
    const id = idOf('prepare');
    held.delete('check slow');
    await until(() => done.includes(`discard ${id}`));
    expect(await store.read(id)).toMatchObject({ state: 'discarded' });
    held.clear();
    expect(await handle.result()).toBe('slow/yes');
    expect(effects('slow/no')).toBe(0);
  });
});

test.each(['cancel', 'terminate'] as const)(
  'after %s nothing of what was prepared is left, and nothing was seen',
  async (end) => {
    await withWorker(async ({ start }) => {
      held.add(`check ${end}`);
      const handle = await start('bookAfterCheck', order(end));
      await until(() => steps().includes('prepare'));
      const id = idOf('prepare');
      await untilAnswer(
        () => store.read(id),
        (stage) => stage?.state === 'prepared',
      );
      await handle[end]();
      await expect(handle.result()).rejects.toThrow();
      await untilAnswer(
        () => store.read(id),
        (stage) => stage?.state === 'discarded',
      );
      expect(effects(`${end}/yes`)).toBe(0);
    });
  },
);

test('a stage whose pipeline still runs is left alone by the sweeper, until it has expired; then the call is made anew', async () => {
  const { start, stop } = await startWorker(1);
  try {
    held.add('check patient');
    const handle = await start('bookAfterCheck', order('patient'));
    await until(() => steps().includes('prepare'));
    const id = idOf('prepare');
    const prepared = await untilAnswer(
      () => store.read(id),
      (stage) => stage?.state === 'prepared',
    );
    await untilAnswer(
      () => store.read(id),
      (stage) => stage?.state === 'discarded',
    );
    expect(Date.now()).toBeGreaterThanOrEqual(prepared!.expiresAtMs);
    held.clear();
    expect(await handle.result()).toBe('patient/yes');
    expect(steps()).toEqual(['prepare', 'discard', 'prepare', 'commit']);
    expect(effects('patient/yes')).toBe(1);
    expect(await activityTypes(handle)).toEqual(['check', 'spec book', 'commit runaheadCommitStage', 'book']);
  } finally {
    await stop();
  }
});

test.each(['bookNow', 'bookAfterCheck'])(
  'a reset of %s to its beginning commits nothing a second time',
  async (pipeline) => {
    await withWorker(async ({ client, start }) => {
      const name = `reset-${pipeline}`;
      const handle = await start(pipeline, pipeline === 'bookNow' ? name : order(name));
      expect(await handle.result()).toBe(`${name}/yes`);
      const { runId } = await handle.describe();
      const reset = await client.workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId: handle.workflowId, runId },
        workflowTaskFinishEventId: 4 as unknown as Long,
        requestId: runId,
        reason: 'test',
      });
      const again = client.workflow.getHandle(handle.workflowId, reset.runId);
      expect(await again.result()).toBe(`${name}/yes`);
      expect(steps()).toEqual(['prepare', 'commit']);
      expect(effects(`${name}/yes`)).toBe(1);
    });
  },
);

test('each run of a pipeline that continues as new has effects of its own', async () => {
  await withWorker(async ({ start }) => {
    const handle = await start('bookInEachRun', order('runs'), 3);
    expect(await handle.result()).toBe('runs/yes');
    expect(effects('runs/yes')).toBe(3);
    expect(new Set(done.filter((line) => line.startsWith('commit'))).size).toBe(3);
  });
});

describe('the idempotency key', () => {
  test('is the same for each attempt and another one for the same call made again', async () => {
    await withWorker(async ({ start }) => {
      const keys = (await (await start('chargeTwice', order('fails at first', ''))).result()) as string[];
      expect(new Set(keys).size).toBe(2);
      expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
      expect(done).toEqual([keys[0], keys[0], keys[1], keys[1]].map((key) => `charge fails at first plain ${key!}`));
    });
  });

  test('is the same for the launch and for the plain call that takes its place', async () => {
    await withWorker(async ({ start }) => {
      held.add('check fails early');
      const handle = await start('chargeTwice', order('fails early'));
      await until(() => done.length > 0);
      held.clear();
      const keys = (await handle.result()) as string[];
      const early = done.filter((line) => line.includes('early early'));
      expect(early.length).toBeGreaterThan(0);
      for (const line of early) expect(keys).toContain(line.split(' ').at(-1));
    });
  });
});
