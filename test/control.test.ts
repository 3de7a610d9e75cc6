import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { Observation } from '../speculation/estimate/observation';
import { controlBundle } from '../speculation/plugin/control-host';
import type { ControlCarry, ControlSnapshotAnswer, EstimatorAnswer } from '../speculation/runtime/control-protocol';
import { tableLine } from '../speculation/ledger/table-line';
import { useTemporal } from './support/temporal';
import { untilAnswer } from './support/until-answer';

const temporal = useTemporal();

const attempt = (n: number): Observation => ({
  kind: 'operation',
  id: `run/${n}/1`,
  pipeline: 'p',
  operation: 'classify',
  contextKey: 'any',
  output: { route: 'billing' },
  latencySeconds: 1,
  tokens: { inputTokens: 100, cachedInputTokens: 0, outputTokens: 10 },
  costUsd: '0.001',
  succeeded: true,
});
const edge = (n: number, success: boolean): Observation => ({
  kind: 'edge',
  id: `run/classify>answer/${n}`,
  pipeline: 'p',
  upstream: 'classify',
  downstream: 'answer',
  source: 'history',
  rank: 0,
  success,
});

async function withControl<T>(carry: ControlCarry, body: (control: WorkflowHandle) => Promise<T>): Promise<T> {
  const { client, nativeConnection } = await temporal.start();
  const taskQueue = temporal.taskQueue('control');
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    workflowBundle: await controlBundle(undefined),
  });
  return worker.runUntil(async () => {
    const workflowId = randomUUID();
    await client.workflow.start('runaheadControl', { taskQueue, workflowId, args: [carry] });
    return body(client.workflow.getHandle(workflowId));
  });
}

const estimator = (control: WorkflowHandle): Promise<EstimatorAnswer> => control.query('estimator');

test('the control workflow learns from observations, each counted once however often it is delivered', async () => {
  await withControl({}, async (control) => {
    const batch = [attempt(1), attempt(2), edge(1, true), edge(2, false), edge(3, true)];
    await control.signal('observe', batch);
    await control.signal('observe', batch);
    await control.signal('observe', [attempt(2), attempt(3)]);
    expect(await estimator(control)).toMatchObject({
      operations: {
        classify: {
          successes: 3,
          failures: 0,
          meanTokens: { inputTokens: 100 },
          meanCostUsd: 0.001,
          dearestCostUsd: 0.001,
        },
      },
      edges: [{ edge: 'classify>answer', forecast: 'history#0', successes: 2, failures: 1, mean: 0.6 }],
      ignoredSignals: 0,
      rejectedObservations: 0,
    });
    expect(await control.query('estimator', { edge: 'other>edge', operation: 'other' })).toMatchObject({
      operations: {},
      edges: [],
    });
  });
});

test('it continues as new without losing an observation, a knob or a signal that comes in between', async () => {
  const { client } = await temporal.start();
  await withControl({ signalsPerRun: 5 }, async (control) => {
    await control.signal('setKnob', { alpha: 0.9 });
    const total = 60;
    const numbers = Array.from({ length: total }, (_, index) => index);
    await Promise.all(numbers.map((n) => control.signal('observe', [attempt(n)])));
    const { operations } = await untilAnswer(
      () => estimator(control),
      (answer) => answer.operations['classify']?.successes === total,
    );
    expect(operations['classify']?.successes).toBe(total);
    expect(await control.query('knob')).toMatchObject({ alpha: 0.9 });
    const runs = client.workflow.list({ query: `WorkflowId = "${control.workflowId}"` });
    const statuses = await untilAnswer(
      async () => {
        const names: string[] = [];
        for await (const { status } of runs) names.push(status.name);
        return names;
      },
      (names) => names.includes('CONTINUED_AS_NEW'),
    );
    expect(statuses).not.toContain('FAILED');
  });
});

test('a snapshot costs nothing when the asker has it already, also after continue-as-new', async () => {
  await withControl({ signalsPerRun: 2 }, async (control) => {
    const ask = (since?: string): Promise<ControlSnapshotAnswer> => control.query('snapshot', since);
    const first = await ask();
    expect(first.state).toMatchObject({ schema: 2 });
    expect(await ask(first.version)).toEqual({ version: first.version, state: null });
    await control.signal('observe', [attempt(1)]);
    await control.signal('observe', [attempt(2)]);
    const later = await untilAnswer(
      () => ask(first.version),
      ({ state }) => state?.operations['classify']?.count === 2,
    );
    expect(later.version).not.toBe(first.version);
    expect(await ask(later.version)).toEqual({ version: later.version, state: null });
  });
});

test('the knob is changed by an Update that answers with the knob in force, and by a signal', async () => {
  await withControl({}, async (control) => {
    expect(await control.executeUpdate('setKnob', { args: [{ alpha: 0.2 }] })).toEqual({
      alpha: 0.2,
      lambdaUsdPerSecond: 0.01,
      budgetUsd: null,
      enabled: true,
    });
    expect(await control.executeUpdate('setKnob', { args: [{ pipeline: 'autoReply', enabled: false }] })).toMatchObject(
      {
        alpha: 0.2,
        enabled: false,
      },
    );
    await control.signal('setKnob', { pipeline: null, lambdaUsdPerSecond: 1 });
    expect(await control.query('knob', 'autoReply')).toMatchObject({ enabled: false, lambdaUsdPerSecond: 1 });
    expect(await control.query('knob')).toMatchObject({ enabled: true, lambdaUsdPerSecond: 1 });
  });
});

test.each([
  ['alpha above 1', { alpha: 2 }, /alpha is 2/],
  ['a field that does not exist', { alfa: 0.5 }, /alfa/],
  ['text', 'faster', /faster/],
  ['a pipeline that is no name', { pipeline: 7, alpha: 0.5 }, /pipeline is 7/],
])('an Update with %s is refused before it enters the history', async (_what, request, message) => {
  await withControl({}, async (control) => {
    const refusal = await control.executeUpdate('setKnob', { args: [request] }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((refusal as WorkflowUpdateFailedError).cause?.message).toMatch(message);
    expect(await control.query('knob')).toMatchObject({ alpha: 0.5 });
    const { events } = await control.fetchHistory();
    expect(events?.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toBe(false);
  });
});

test('signals that make no sense are ignored and counted, and it goes on', async () => {
  await withControl({}, async (control) => {
    await control.signal('setKnob', { alpha: 'high' });
    await control.signal('setKnob', null);
    await control.signal('observe', 'nothing');
    await control.signal('observe', [{ kind: 'operation' }, 7, attempt(1)]);
    await control.signal('no such signal', 1);
    expect(await estimator(control)).toMatchObject({
      operations: { classify: { successes: 1 } },
      ignoredSignals: 3,
      rejectedObservations: 2,
    });
    expect(await control.query('knob')).toMatchObject({ alpha: 0.5 });
  });
});

test('a state that cannot be continued starts it from nothing instead of stopping it', async () => {
  await withControl({ state: { schema: 99 } }, async (control) => {
    await control.signal('observe', [attempt(1)]);
    expect(await estimator(control)).toMatchObject({ operations: { classify: { successes: 1 } } });
  });
});

test('the bill of a launch that outlived its pipeline is kept', async () => {
  await withControl({}, async (control) => {
    const bill = {
      kind: 'bill',
      id: 'run/spec-1/bill',
      workflowId: 'w',
      runId: 'run',
      activityId: 'spec-1',
      operation: 'answer',
      usage: [{ costUsd: '0.0125', estimated: false }],
    };
    await control.signal('observe', [{ ...bill, workflowGone: true }]);
    await control.signal('observe', [{ ...bill, id: 'run/spec-2/bill', activityId: 'spec-2', workflowGone: false }]);
    expect(await control.query('lateBills')).toMatchObject({ totalUsd: '0.0125', count: 1 });
    await control.signal('observe', [
      { kind: 'unresolved', id: 'run/unresolved', workflowId: 'w', runId: 'run', activityIds: ['spec-2'] },
    ]);
    expect(await control.query('lateBills')).toMatchObject({ totalUsd: '0.025', count: 2 });
  });
});

test('its current details show the knobs and the edges as tables', async () => {
  await withControl({}, async (control) => {
    await control.signal('observe', [edge(1, true)]);
    await control.signal('setKnob', { pipeline: 'autoReply', alpha: 1 });
    const { currentDetails } = await control.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain(tableLine(['autoReply', '1', '0.01', 'none', 'yes']));
    expect(currentDetails).toContain(tableLine(['classify>answer', 'history#0', '0.667', '1', '1']));
  });
});

test('its history replays', async () => {
  await withControl({}, async (control) => {
    await control.signal('observe', [attempt(1), edge(1, true)]);
    await control.executeUpdate('setKnob', { args: [{ alpha: 0.3 }] });
    await estimator(control);
    await Worker.runReplayHistory({ workflowBundle: await controlBundle(undefined) }, await control.fetchHistory());
  });
});
