import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import type { Logger } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkerOptions } from '@temporalio/worker';
import {
  definePolicy,
  recordUsage,
  registerSearchAttributes,
  RunaheadPlugin,
  WORKFLOW_INTERCEPTOR_PATH,
  type RunaheadPluginOptions,
} from '../speculation/plugin';
import type { PolicyInput } from '../speculation/plugin';
import { DEFAULT_HEARTBEAT_THROTTLE_MS } from '../speculation/plugin/worker-options';
import { CONTROL_WORKFLOW_ID } from '../speculation/runtime/protocol';
import { useTemporal } from './support/temporal';
import { untilAnswer } from './support/until-answer';

const temporal = useTemporal();
const workflowsPath = require.resolve('./plugin-workflows');
const model = { kind: 'model', model: 'gpt-4o-mini', inputTokens: 100, outputTokens: 10 } as const;

const input: PolicyInput = {
  knob: { alpha: 1, lambdaUsdPerSecond: 10 },
  activities: {
    classify: {
      effect: 'none',
      dependency: { type: 'router_k_way', k: 2 },
      forecast: [{ kind: 'history', top: 1 }],
      cost: model,
      expectedSeconds: 1,
    },
    answer: { effect: 'none', cost: model, expectedSeconds: 1 },
    sendMail: { effect: 'irreversible' },
  },
};
const policy = definePolicy(input);

const activityIds: string[] = [];
const activities = {
  classify: async (message: string) => {
    recordUsage({
      requestId: randomUUID(),
      model: 'gpt-4o-mini',
      tokens: { inputTokens: 100, cachedInputTokens: 0, outputTokens: 10 },
    });
    // Long enough that a launch below it is worth its look-up.
    await Context.current().sleep(300);
    return message.includes('money') ? 'billing' : 'other';
  },
  answer: async (route: string) => {
    activityIds.push(Context.current().info.activityId);
    await Context.current().sleep(100);
    return `about ${route}`;
  },
  sendMail: async (reply: string) => `sent ${reply}`,
};

const warnings: string[] = [];
const logger: Logger = new DefaultLogger('WARN', ({ message }) => void warnings.push(message));

beforeEach(() => {
  activityIds.splice(0);
  warnings.splice(0);
});

function pluginWith(options: RunaheadPluginOptions = {}): RunaheadPlugin {
  return new RunaheadPlugin({ policy, logger, ...options });
}

async function withWorker<T>(
  plugin: RunaheadPlugin,
  body: (taskQueue: string) => Promise<T>,
  options: Partial<WorkerOptions> = {},
): Promise<T> {
  const { nativeConnection } = await temporal.start();
  const taskQueue = temporal.taskQueue();
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    workflowsPath,
    activities,
    plugins: [plugin],
    ...options,
  });
  return worker.runUntil(body(taskQueue));
}

async function run(
  client: Client,
  taskQueue: string,
  message: string,
): Promise<{ result: string; handle: WorkflowHandle }> {
  const handle = await client.workflow.start('support', { taskQueue, workflowId: randomUUID(), args: [message] });
  return { result: (await handle.result()) as string, handle };
}

async function markersOf(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((event) => event.markerRecordedEventAttributes).length;
}

test('one plugin in client and worker makes a pipeline run ahead once it has seen enough, with the same result', async () => {
  const { connection } = await temporal.start();
  const plugin = pluginWith();
  const client = new Client({ connection, plugins: [plugin] });
  await withWorker(plugin, async (taskQueue) => {
    for (let warmUp = 0; warmUp < 3; warmUp++) await run(client, taskQueue, 'my money');
    activityIds.splice(0);
    const { result, handle } = await run(client, taskQueue, 'my money');
    expect(result).toBe('sent about billing');
    expect(activityIds).toEqual([expect.stringMatching(/^spec-/)]);
    const ledger = await handle.query<{ totals: Record<string, unknown> }>('ledger');
    expect(ledger.totals).toBeDefined();

    await plugin.synchronise();
    const control = client.workflow.getHandle(CONTROL_WORKFLOW_ID);
    const learned = await untilAnswer(
      () => control.query<{ operations: Record<string, { successes: number }> }>('estimator'),
      ({ operations }) => operations['classify']?.successes === 4,
    );
    expect(learned.operations).toMatchObject({ answer: { successes: 4 }, sendMail: { successes: 4 } });
    expect(await control.query('knob')).toMatchObject({ alpha: 1, lambdaUsdPerSecond: 10 });
  });
  expect(warnings).toEqual([]);
});

test('a new worker reads what earlier workers have learned before its first pipeline', async () => {
  const { connection } = await temporal.start();
  const plugin = pluginWith({ policy: definePolicy(input) });
  const client = new Client({ connection, plugins: [plugin] });
  await withWorker(plugin, async (taskQueue) => {
    await run(client, taskQueue, 'my money');
    expect(activityIds).toEqual([expect.stringMatching(/^spec-/)]);
  });
});

test('a knob turned at the control plane is obeyed by the next pipeline', async () => {
  const { connection } = await temporal.start();
  const plugin = pluginWith();
  const client = new Client({ connection, plugins: [plugin] });
  await withWorker(plugin, async (taskQueue) => {
    const control = client.workflow.getHandle(CONTROL_WORKFLOW_ID);
    await control.executeUpdate('setKnob', { args: [{ pipeline: 'support', enabled: false }] });
    await plugin.synchronise();
    await run(client, taskQueue, 'my money');
    expect(activityIds).toEqual([expect.not.stringMatching(/^spec-/)]);
    await control.executeUpdate('setKnob', { args: [{ pipeline: 'support', enabled: true }] });
    await plugin.synchronise();
  });
});

test('a pipeline started by a client without the plugin looks its settings up once; one with the plugin does not', async () => {
  const { client: plain, connection } = await temporal.start();
  const plugin = pluginWith({ policy: definePolicy({ ...input, pipelines: { support: { enabled: false } } }) });
  await withWorker(plugin, async (taskQueue) => {
    const withHeader = await run(new Client({ connection, plugins: [plugin] }), taskQueue, 'my money');
    const without = await run(plain, taskQueue, 'my money');
    expect(await markersOf(withHeader.handle)).toBe(0);
    expect(await markersOf(without.handle)).toBe(1);
    expect(without.result).toBe(withHeader.result);
  });
  expect(activityIds.some((id) => id.startsWith('spec-'))).toBe(false);
});

test('signalWithStart and updateWithStart carry the settings too', async () => {
  const { connection } = await temporal.start();
  const plugin = pluginWith({ policy: definePolicy({ ...input, pipelines: { support: { enabled: false } } }) });
  const client = new Client({ connection, plugins: [plugin] });
  await withWorker(plugin, async (taskQueue) => {
    const handle = await client.workflow.signalWithStart('support', {
      taskQueue,
      workflowId: randomUUID(),
      args: ['my money'],
      signal: 'setKnob',
      signalArgs: [{ alpha: 0.5 }],
    });
    await handle.result();
    expect(await markersOf(handle)).toBe(0);
  });
});

test('workflow code that was bundled ahead of time runs ahead as well, and its history replays', async () => {
  const { connection } = await temporal.start();
  const plugin = pluginWith();
  const logger = new DefaultLogger('ERROR');
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, plugins: [plugin], logger });
  const { nativeConnection } = await temporal.start();
  const taskQueue = temporal.taskQueue();
  const options = { connection: nativeConnection, taskQueue, workflowBundle, activities, plugins: [plugin] };
  const worker = await Worker.create(options);
  const client = new Client({ connection, plugins: [plugin] });
  const { handle } = await worker.runUntil(run(client, taskQueue, 'my money'));
  expect(activityIds).toEqual([expect.stringMatching(/^spec-/)]);
  const history = await handle.fetchHistory();
  await Worker.runReplayHistory({ workflowsPath, plugins: [plugin] }, history);
  const byPath = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [WORKFLOW_INTERCEPTOR_PATH],
    logger,
  });
  await Worker.runReplayHistory({ workflowBundle: byPath, plugins: [plugin] }, history);
});

test('a worker with workflows and no policy is refused with the way out', async () => {
  await expect(withWorker(new RunaheadPlugin({ logger }), async () => undefined)).rejects.toMatchObject({
    code: 'POLICY_MISSING',
    message: expect.stringContaining('definePolicy') as string,
  });
});

test('a worker whose activities are named differently is refused with the nearest name', async () => {
  const { classify, ...others } = activities;
  await expect(
    withWorker(pluginWith(), async () => undefined, { activities: { ...others, clasify: classify } }),
  ).rejects.toMatchObject({ code: 'POLICY_UNKNOWN_ACTIVITY', message: expect.stringContaining('"clasify"') as string });
});

test('options of the user are kept, and a lower heartbeat throttle is not raised', async () => {
  const activity = (): object => ({});
  const sinks = { own: { log: { fn: () => undefined } } };
  const configured = pluginWith().configureWorker({
    taskQueue: 'q',
    workflowsPath,
    activities,
    sinks,
    interceptors: { activity: [activity] },
    maxHeartbeatThrottleInterval: 50,
    defaultHeartbeatThrottleInterval: '30s',
  });
  expect(configured).toMatchObject({
    maxHeartbeatThrottleInterval: 50,
    defaultHeartbeatThrottleInterval: DEFAULT_HEARTBEAT_THROTTLE_MS,
    sinks: { own: sinks.own, runahead: {} },
  });
  expect(configured.interceptors?.activity).toHaveLength(2);
  expect(configured.interceptors?.workflowModules).toEqual([WORKFLOW_INTERCEPTOR_PATH]);
  expect(configured.activities).toMatchObject(activities);
});

test('given twice, through the connection and by itself, it acts once', () => {
  const plugin = pluginWith();
  const once = plugin.configureWorker({ taskQueue: 'q', workflowsPath, activities });
  expect(plugin.configureWorker(once)).toBe(once);
});

test('a worker that runs only workflows does not begin to take activities', () => {
  const configured = pluginWith().configureWorker({ taskQueue: 'q', workflowsPath });
  expect(configured.enableNonLocalActivities).toBe(false);
});

test('a worker that runs only activities needs no policy and gets no look-ups', () => {
  const configured = new RunaheadPlugin({ logger }).configureWorker({ taskQueue: 'q', activities });
  expect(configured.activities).toBe(activities);
});

describe('in a namespace of its own', () => {
  async function namespace(): Promise<string> {
    const { connection } = await temporal.start();
    const name = `n-${randomUUID()}`;
    const retention = { seconds: 86_400 } as never;
    await connection.workflowService.registerNamespace({
      namespace: name,
      workflowExecutionRetentionPeriod: retention,
    });
    await untilAnswer(
      () =>
        connection.workflowService.describeNamespace({ namespace: name }).then(
          () => true,
          () => false,
        ),
      Boolean,
    );
    return name;
  }

  test('without the search attributes and without a control workflow, pipelines run, with one warning for each', async () => {
    const { connection, nativeConnection } = await temporal.start();
    const name = await namespace();
    const plugin = pluginWith({ hostControl: false, flushMs: 10 });
    const client = new Client({ connection, namespace: name, plugins: [plugin] });
    await withWorker(
      plugin,
      async (taskQueue) => {
        expect((await run(client, taskQueue, 'my money')).result).toBe('sent about billing');
        expect((await run(client, taskQueue, 'my money')).result).toBe('sent about billing');
      },
      { namespace: name, connection: nativeConnection },
    );
    expect(warnings.filter((warning) => warning.includes('SpecCostMicroUsd is missing'))).toHaveLength(1);
    expect(warnings.filter((warning) => warning.includes('does not answer'))).toHaveLength(1);
    expect(warnings.filter((warning) => warning.includes('cannot be told'))).toHaveLength(1);
  });

  test('the search attributes are registered by one call, which may be repeated', async () => {
    const { connection } = await temporal.start();
    const name = await namespace();
    const all = ['SpecCostMicroUsd', 'SpecWasteMicroUsd', 'SpecSavedMs', 'SpecPolicy', 'SpecEntries'];
    const first = await untilAnswer(
      () => registerSearchAttributes(connection, name).catch(() => null),
      (answer) => answer !== null,
    );
    expect(first).toEqual({ added: all, present: [] });
    await untilAnswer(
      () => registerSearchAttributes(connection, name).catch(() => null),
      (answer) => answer?.present.length === all.length,
    );
  });
});
