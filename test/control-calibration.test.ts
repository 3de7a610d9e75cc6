import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { CalibrationReport, EdgeReport } from '../speculation/estimate/calibration-report';
import { DEFAULT_CALIBRATION } from '../speculation/estimate/calibration-settings';
import { emptyControlState, parseControlState } from '../speculation/estimate/control-state';
import type { Observation } from '../speculation/estimate/observation';
import { definePolicy } from '../speculation/plugin';
import { briefingFor } from '../speculation/plugin/briefing';
import { controlBundle } from '../speculation/plugin/control-host';
import type { ControlCarry, ControlSnapshotAnswer } from '../speculation/runtime/control-protocol';
import { useTemporal } from './support/temporal';
import { untilAnswer } from './support/until-answer';

const temporal = useTemporal();
const EDGE = 'classify>answer';

let observed = 0;
const edge = (success: boolean, bucket?: string): Observation => ({
  kind: 'edge',
  id: `run/edge/${(observed += 1)}`,
  pipeline: 'support',
  upstream: 'classify',
  downstream: 'answer',
  source: 'history',
  rank: 0,
  success,
  ...(bucket !== undefined && { bucket }),
});
/** 160 of 200 come true, then none does any more. */
const drift = (): Observation[] => [
  ...Array.from({ length: 200 }, (_, n) => edge(n % 5 !== 0)),
  ...Array.from({ length: 30 }, () => edge(false)),
];

const policy = definePolicy({
  activities: {
    classify: { effect: 'none', forecast: [{ kind: 'history' }], cost: { kind: 'fixed', usd: 0.01 } },
    answer: { effect: 'none', cost: { kind: 'fixed', usd: 0.02 } },
  },
});

async function withControl<T>(carry: ControlCarry, body: (control: WorkflowHandle) => Promise<T>): Promise<T> {
  const { client, nativeConnection } = await temporal.start();
  const taskQueue = temporal.taskQueue('control');
  const workflowBundle = await controlBundle(undefined);
  const worker = await Worker.create({ connection: nativeConnection, taskQueue, workflowBundle });
  return worker.runUntil(async () => {
    const workflowId = randomUUID();
    await client.workflow.start('runaheadControl', { taskQueue, workflowId, args: [carry] });
    return body(client.workflow.getHandle(workflowId));
  });
}

const calibration = (control: WorkflowHandle): Promise<CalibrationReport> => control.query('calibration');
const setStage = (control: WorkflowHandle, request: unknown): Promise<EdgeReport> =>
  control.executeUpdate('setStage', { args: [request] });

test('an edge whose forecasts stop coming true is killed, and the next pipeline is told that it may not launch', async () => {
  await withControl({}, async (control) => {
    await control.signal('observe', drift());
    const { edges } = await calibration(control);
    expect(edges).toMatchObject([{ edge: EDGE, stage: 'killed', transitions: [{ from: 'online', by: 'drift' }] }]);
    expect(edges[0]!.transitions[0]!.atMs).toBeGreaterThan(1_600_000_000_000);

    const { state } = await control.query<ControlSnapshotAnswer>('snapshot');
    const request = { pipeline: 'support', activityType: 'classify', args: ['hello'] };
    const { downstream } = briefingFor(request, policy, parseControlState(state), () => undefined, 'support-1');
    expect(downstream['answer']!.calibration).toEqual({ stage: 'killed', launches: false });
    expect(downstream['classify']!.calibration).toBeUndefined();

    const { currentDetails } = await control.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toMatch(
      /\|\s+classify>answer\s+\|\s+history#0\s+\|\s+[\d.]+\s+\|\s+0\s+\|\s+\d+\s+\|\s+killed\s+\|\s+tripped\s+\|/,
    );
  });
});

test('an edge is moved by an Update that names who and why, answers with the edge, and is in the history', async () => {
  await withControl({}, async (control) => {
    const moved = await setStage(control, { edge: EDGE, stage: 'shadow', reason: 'new prompt', by: 'ann' });
    expect(moved).toMatchObject({
      edge: EDGE,
      stage: 'shadow',
      gate: { to: 'canary', passes: false },
      transitions: [{ from: 'online', to: 'shadow', reason: 'new prompt', by: 'ann' }],
    });
    const { events } = await control.fetchHistory();
    const accepted = (events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
    expect(accepted).toHaveLength(1);
    await Worker.runReplayHistory({ workflowBundle: await controlBundle(undefined) }, { events: events ?? [] });
  });
});

const request = { edge: EDGE, stage: 'canary', reason: 'r', by: 'ann' };
test.each<[what: string, request: unknown, message: RegExp]>([
  ['a stage that there is not', { ...request, stage: 'live' }, /stage is "live"; use one of offline, shadow/],
  ['no edge', { ...request, edge: 'classify' }, /edge is "classify"; use two activity types/],
  ['no reason', { ...request, reason: ' ' }, /reason is " "; say why/],
  ['nobody', { ...request, by: undefined }, /by is undefined; say who/],
  ['a name that is not a person’s', { ...request, by: 'drift' }, /by is "drift"; that is what the control plane calls/],
  ['a field that there is not', { ...request, force: true }, /force is true; known here/],
  [
    'an edge that stands elsewhere',
    { ...request, from: 'shadow' },
    /from is "shadow"; classify>answer is online by now/,
  ],
  ['text', 'canary', /the request is "canary"/],
])('an Update of the stage with %s is refused before it enters the history', async (_what, input, message) => {
  await withControl({}, async (control) => {
    await expectRefused(setStage(control, input), message);
    expect((await calibration(control)).edges).toEqual([]);
    const { events } = await control.fetchHistory();
    expect(events?.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toBe(false);
  });
});

test('a killed edge leaves only to the shadow, also after continue-as-new', async () => {
  const { client } = await temporal.start();
  await withControl({ signalsPerRun: 3 }, async (control) => {
    await control.executeUpdate('setCalibration', { args: [{ canaryShare: 0.25 }] });
    await control.signal('observe', drift());
    for (let n = 0; n < 6; n++) await control.signal('observe', [edge(true, 'acme')]);
    const runs = client.workflow.list({ query: `WorkflowId = "${control.workflowId}"` });
    await untilAnswer(
      async () => {
        const names: string[] = [];
        for await (const { status } of runs) names.push(status.name);
        return names;
      },
      (names) => names.includes('CONTINUED_AS_NEW'),
    );
    const { settings, edges } = await calibration(control);
    expect(settings).toEqual({ ...DEFAULT_CALIBRATION, canaryShare: 0.25 });
    expect(edges).toMatchObject([{ stage: 'killed', transitions: [{ by: 'drift' }] }]);
    await expectRefused(setStage(control, { ...request, stage: 'online' }), /was killed, and leaves only to shadow/);
    expect(await setStage(control, { ...request, stage: 'shadow' })).toMatchObject({
      stage: 'shadow',
      observations: 0,
    });
    const { state } = await control.query<ControlSnapshotAnswer>('snapshot');
    expect(state!.buckets.edges[EDGE]).toEqual({ acme: { 'history#0': { successes: 6, failures: 0 } } });
  });
});

test('the settings are changed by an Update, and nonsense is refused', async () => {
  await withControl({}, async (control) => {
    const change = { start: 'shadow', promote: 'automatic', killSwitch: false };
    expect(await control.executeUpdate('setCalibration', { args: [change] })).toMatchObject({
      start: 'shadow',
      killSwitch: null,
    });
    await expectRefused(control.executeUpdate('setCalibration', { args: [{ canaryShare: 2 }] }), /canaryShare is 2/);
    await control.signal('observe', drift());
    expect((await calibration(control)).edges).toMatchObject([{ stage: 'shadow', killSwitch: null, transitions: [] }]);
  });
});

test('a state from before there were stages goes on, with every edge online', async () => {
  const old = { ...emptyControlState(), buckets: undefined, calibration: undefined, schema: 1 };
  const edges = { [EDGE]: { 'history#0': { successes: 3, failures: 1 } } };
  await withControl({ state: { ...old, edges } }, async (control) => {
    expect(await control.query('estimator')).toMatchObject({ edges: [{ edge: EDGE, successes: 3 }] });
    expect((await calibration(control)).edges).toMatchObject([{ edge: EDGE, stage: 'online' }]);
  });
});

async function expectRefused(update: Promise<unknown>, message: RegExp): Promise<void> {
  const refusal = await update.catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError);
  expect((refusal as WorkflowUpdateFailedError).cause?.message).toMatch(message);
}
