import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Context } from '@temporalio/activity';
import { DefaultLogger, Worker, bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { BudgetReport, BudgetRow } from '../speculation/budget/budget-report';
import { sumUsd } from '../speculation/ledger/price-usage';
import { definePolicy, RunaheadPlugin, type PolicyInput } from '../speculation/plugin';
import { CONTROL_WORKFLOW_ID } from '../speculation/runtime/protocol';
import { useTemporal } from './support/temporal';
import { until } from './support/until';
import { untilAnswer } from './support/until-answer';
import type { Launched, Launching } from './budget-workflows';

const temporal = useTemporal();
const PIPELINES = 64;
const logger = new DefaultLogger('ERROR');

/** The independent meter: the activities themselves say when they start and stop to spend. */
class Spending {
  starts: string[] = [];
  running = 0;
  most = 0;

  async during<T>(name: string, body: () => Promise<T>): Promise<T> {
    this.starts.push(name);
    this.most = Math.max(this.most, (this.running += 1));
    try {
      return await body();
    } finally {
      this.running -= 1;
    }
  }
}
let meter = new Spending();
const workers = new Set<ChildProcess>();
let bundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./budget-workflows'),
    workflowInterceptorModules: [require.resolve('./budget-workflows/headers')],
    logger,
  });
});
beforeEach(() => {
  meter = new Spending();
});
afterEach(async () => {
  for (const worker of workers) await kill(worker);
  // Each test has a control workflow of its own.
  const { client } = await temporal.start();
  await client.workflow
    .getHandle(CONTROL_WORKFLOW_ID)
    .terminate()
    .catch(() => undefined);
});

const isLaunch = (): boolean => Context.current().info.activityId.startsWith('spec-');
const activities = {
  spend: async ({ name }: { name: string }) => {
    if (!isLaunch()) return 'plain';
    return meter.during(name, async () => {
      await Context.current().sleep(200);
      return 'early';
    });
  },
  wait: async ({ name }: { name: string }) => meter.during(name, () => Context.current().cancelled),
};

function policyWith(budgets: PolicyInput['budgets'], scheduleToStartMs = 15_000): PolicyInput {
  return {
    activities: {
      spend: { effect: 'none', cost: { kind: 'fixed', usd: 0.01 } },
      wait: { effect: 'none', cost: { kind: 'fixed', usd: 0.01 } },
    },
    ...(budgets !== undefined && { budgets }),
    // How long a launch waits for its reservation, too; the machine of a test may be slow.
    limits: { scheduleToStartMs },
  };
}

interface Scene {
  plugins: RunaheadPlugin[];
  launch: (name: string, more?: Partial<Launching>) => Promise<Launched>;
  start: (name: string, more?: Partial<Launching>) => Promise<{ stop: () => Promise<void>; result: Promise<Launched> }>;
  row: (scope: string) => Promise<BudgetRow>;
}

/** Workers of activities with a plugin and a memory each, and one that runs the workflows without any of ours. */
async function withWorkers<T>(policies: PolicyInput[], body: (scene: Scene) => Promise<T>): Promise<T> {
  const { nativeConnection } = await temporal.start();
  const taskQueue = temporal.taskQueue('budget');
  const plugins = policies.map(
    (policy, n) => new RunaheadPlugin({ policy: definePolicy(policy), logger, refreshMs: 100, hostControl: n === 0 }),
  );
  // One process may have one worker on a queue; each plugin has a memory of its own, as in a process of its own.
  const queues = plugins.map((_, n) => `${taskQueue}-${n}`);
  const running: Worker[] = [];
  for (const [n, plugin] of plugins.entries()) {
    running.push(
      await Worker.create({
        connection: nativeConnection,
        taskQueue: queues[n]!,
        activities,
        plugins: [plugin],
        maxConcurrentActivityTaskExecutions: 100,
      }),
    );
  }
  const stop = running.map((worker) => worker.run());
  try {
    return await withPipelines(queues, (launching) => body({ plugins, ...launching }));
  } finally {
    for (const worker of running) worker.shutdown();
    await Promise.all(stop);
  }
}

async function withPipelines<T>(queues: string[], body: (scene: Omit<Scene, 'plugins'>) => Promise<T>): Promise<T> {
  const { nativeConnection, client } = await temporal.start();
  const ownQueue = `${queues[0]!}-pipelines`;
  let started = 0;
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue: ownQueue,
    workflowBundle: bundle,
  });
  const start: Scene['start'] = async (name, more = {}) => {
    const launching: Launching = {
      activityType: 'spend',
      taskQueue: queues[started++ % queues.length]!,
      header: {},
      name,
      ...more,
    };
    const handle = await client.workflow.start<(launching: Launching) => Promise<Launched>>('ahead', {
      taskQueue: ownQueue,
      workflowId: randomUUID(),
      args: [launching],
    });
    return { stop: () => handle.signal('stop'), result: handle.result() };
  };
  const control = client.workflow.getHandle(CONTROL_WORKFLOW_ID);
  return worker.runUntil(
    body({
      start,
      launch: async (name, more) => (await start(name, more)).result,
      row: async (scope) => {
        const report = await control.query<BudgetReport, [unknown]>('budgets', { nowMs: Date.now() });
        return report.budgets.find((row) => row.scope === scope)!;
      },
    }),
  );
}

const names = (count: number, what = 'launch'): string[] => Array.from({ length: count }, (_, n) => `${what} ${n}`);
const settled = (row: () => Promise<BudgetRow>): Promise<BudgetRow> =>
  untilAnswer(row, ({ openLaunches, reservedUsd }) => openLaunches === 0 && reservedUsd === '0');

test('64 pipelines on two workers with a budget for 10 launches make 10, and the others do without', async () => {
  const policy = policyWith({ '*': { usdPerDay: '0.1' } });
  await withWorkers([policy, policy], async ({ launch, row }) => {
    const launched = await Promise.all(names(PIPELINES).map((name) => launch(name)));
    expect(meter.starts).toHaveLength(10);
    expect(launched.filter(({ value }) => value !== undefined)).toHaveLength(10);
    const refused = launched.filter(({ failure }) => failure !== undefined);
    expect(refused).toHaveLength(PIPELINES - 10);
    expect(new Set(refused.map(({ failure }) => failure))).toEqual(new Set(['RunaheadBudget']));
    expect(refused[0]?.message).toMatch(
      /budget \* has 0 of 0\.1 dollars a day left, and spend may cost 0\.01\. Nothing/,
    );
    expect(await settled(() => row('*'))).toEqual({
      scope: '*',
      usdPerDay: '0.1',
      concurrentLaunches: null,
      spentUsd: '0.1',
      reservedUsd: '0',
      leftUsd: '0',
      openLaunches: 0,
      refusals: PIPELINES - 10,
      overrunUsd: '0',
    });
  });
});

test('64 pipelines on two workers with a budget of 10 launches at a time never have an eleventh', async () => {
  const policy = policyWith({ 'pipeline:ahead': { concurrentLaunches: 10 } });
  await withWorkers([policy, policy], async ({ launch, row }) => {
    for (const wave of ['first', 'second']) {
      const launched = await Promise.all(names(PIPELINES, wave).map((name) => launch(name)));
      expect(launched.some(({ value }) => value !== undefined)).toBe(true);
      expect(launched.some(({ failure }) => failure === 'RunaheadBudget')).toBe(true);
      await settled(() => row('pipeline:ahead'));
    }
    expect(meter.most).toBeLessThanOrEqual(10);
    expect(meter.starts.length).toBeGreaterThanOrEqual(20);
  });
});

test('each tenant has its own, and the header says whose launch it is and what it may cost', async () => {
  await withWorkers([policyWith({ 'tenant:*': { usdPerDay: '0.05' } })], async ({ launch, row }) => {
    const header = { tenant: 'acme', reserveUsd: '5e-2' };
    expect(await launch('first', { header })).toEqual({
      value: { __runahead: 1, value: 'early', usage: expect.any(Array) },
    });
    // It cost less than was reserved, so there is room again, but not for as much.
    await settled(() => row('tenant:acme'));
    expect(await launch('second', { header })).toMatchObject({ failure: 'RunaheadBudget' });
    expect(await launch('third', { header: { tenant: 'acme', reserveUsd: '0.04' } })).toHaveProperty('value');
    expect(await launch('other', { header: { ...header, tenant: 'other' } })).toHaveProperty('value');
    expect(await launch('nobody', { header: { reserveUsd: '100' } })).toHaveProperty('value');
    expect(await settled(() => row('tenant:acme'))).toMatchObject({ spentUsd: '0.02', leftUsd: '0.03', refusals: 1 });
  });
});

test('a launch that is cancelled gives its slot back, and what it cost until then counts', async () => {
  await withWorkers([policyWith({ '*': { concurrentLaunches: 1 } })], async ({ start, launch, row }) => {
    const running = await start('running', { activityType: 'wait' });
    await until(() => meter.running === 1);
    expect(await launch('second')).toMatchObject({ failure: 'RunaheadBudget' });
    await running.stop();
    expect(await running.result).toEqual({ failure: 'cancelled' });
    expect(await settled(() => row('*'))).toMatchObject({ spentUsd: '0.01', refusals: 1 });
    expect(await launch('third')).toHaveProperty('value');
  });
});

test('while a budget is in force nothing starts early that the control workflow has not allowed', async () => {
  const { client } = await temporal.start();
  await withWorkers([policyWith({ '*': { usdPerDay: '1' } }, 500)], async ({ launch }) => {
    expect(await launch('first')).toHaveProperty('value');
    await client.workflow.getHandle(CONTROL_WORKFLOW_ID).terminate();
    const refused = await launch('second');
    expect(refused).toMatchObject({ failure: 'RunaheadBudget' });
    expect(refused.message).toMatch(
      /control workflow was not reached before spend could start: no answer within 500 ms/,
    );
    expect(meter.starts).toEqual(['first']);
  });
});

test('without a budget a launch asks nobody', async () => {
  const { client } = await temporal.start();
  const control = client.workflow.getHandle(CONTROL_WORKFLOW_ID);
  const updates = async (): Promise<number> => {
    const { events } = await control.fetchHistory();
    return (events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length;
  };
  await withWorkers([policyWith(undefined)], async ({ plugins, launch }) => {
    for (const name of names(5)) expect(await launch(name)).toHaveProperty('value');
    expect(await updates()).toBe(0);

    // One that is set at the control workflow is obeyed as soon as the worker has heard of it.
    await control.executeUpdate('setBudget', { args: [{ scope: '*', concurrentLaunches: 0 }] });
    await plugins[0]!.synchronise();
    expect(await launch('now')).toMatchObject({ failure: 'RunaheadBudget' });
    expect(await updates()).toBe(2);
    await control.executeUpdate('setBudget', { args: [{ scope: '*', concurrentLaunches: null }] });
    await plugins[0]!.synchronise();
    expect(await launch('again')).toHaveProperty('value');
    expect(await updates()).toBe(3);
  });
});

test('killed workers, and with them the control workflow, do not make the budget forget what may have been spent', async () => {
  const { server } = await temporal.start();
  const taskQueue = temporal.taskQueue('budget-kill');
  const lines: string[] = [];
  const started = (): string[] => lines.filter((line) => line.startsWith('start '));
  const ready = (): number => lines.filter((line) => line === 'ready').length;
  const spawnWorker = (): ChildProcess => {
    const hook = join(__dirname, 'support', 'typescript-hook.cjs');
    const script = join(__dirname, 'support', 'budget-worker.ts');
    const worker = spawn(process.execPath, ['--require', hook, script, server.address, taskQueue], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    createInterface({ input: worker.stdout }).on('line', (line) => lines.push(line));
    workers.add(worker);
    return worker;
  };
  await withPipelines([taskQueue], async ({ launch, row }) => {
    const [doomed] = [spawnWorker(), spawnWorker()];
    await until(() => ready() === 2, 60_000);
    const pipelines = names(PIPELINES).map((name) => launch(name, { heartbeatTimeout: '2s' }));
    await until(() => started().length >= 3, 60_000);
    await kill(doomed);
    const heir = spawnWorker();
    const launched = await Promise.all(pipelines);
    await until(() => ready() === 3, 60_000);

    // Whoever was killed, or whatever was lost on the way: what may have been spent is at most the budget.
    const budget = await untilAnswer(
      () => row('*'),
      ({ spentUsd, reservedUsd }) => sumUsd([spentUsd, reservedUsd]) === '0.1',
    );
    expect(started().length).toBeLessThanOrEqual(10);
    expect(new Set(started()).size).toBe(started().length);
    const done = launched.filter(({ value }) => value !== undefined).length;
    expect(Number(budget.spentUsd)).toBeGreaterThanOrEqual(done / 100);

    await kill(heir);
    const more = await Promise.all(names(PIPELINES, 'later').map((name) => launch(name)));
    expect(more.every(({ failure }) => failure === 'RunaheadBudget')).toBe(true);
    expect(started().length).toBeLessThanOrEqual(10);
    expect(lines.filter((line) => line.startsWith('end ')).length).toBeGreaterThanOrEqual(done);
  });
}, 180_000);

async function kill(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL');
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
  workers.delete(worker);
}
