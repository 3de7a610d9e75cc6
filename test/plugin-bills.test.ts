import { randomUUID } from 'node:crypto';
import { ApplicationFailure, Context, heartbeat } from '@temporalio/activity';
import type { ActivityOptions } from '@temporalio/workflow';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { z } from 'zod';
import type { Observation } from '../speculation/estimate/observation';
import type { UsageRecord } from '../speculation/ledger/usage';
import { activityInterceptor } from '../speculation/plugin/activity-interceptor';
import { fitsInJsonOf } from '../speculation/plugin/fits-in-json';
import { definePolicy } from '../speculation/plugin/policy-file';
import { recordUsage, reportRunningUsage, usageSoFar } from '../speculation/plugin/usage-meter';
import { useTemporal } from './support/temporal';
import { until } from './support/until';
import type { Outcome } from './plugin-workflows';

const temporal = useTemporal();
const tokens = { inputTokens: 1000, cachedInputTokens: 0, outputTokens: 100 };
const model = { kind: 'model' as const, model: 'gpt-4o-mini', inputTokens: 1, outputTokens: 1 };
const rates = { inputUsdPerMillion: 0.15, cachedInputUsdPerMillion: 0.075, outputUsdPerMillion: 0.6 };
const bill = (requestId: string, attempt = 1, estimated = false): UsageRecord => ({
  requestId,
  model: 'gpt-4o-mini',
  tokens,
  rates,
  costUsd: '0.00021',
  estimated,
  attempt,
});

const policy = definePolicy({
  activities: {
    classify: { effect: 'none', output: z.object({ route: z.string() }), forecast: [{ kind: 'history' }], cost: model },
    think: { effect: 'none', cost: model },
    metered: { effect: 'none', cost: { kind: 'fixed', usd: 0.002 } },
    sendMail: { effect: 'irreversible' },
  },
});

const started: string[] = [];
const seenDetails: unknown[] = [];

function think(plan: string): Promise<unknown> {
  const { info } = Context.current();
  started.push(info.activityId);
  seenDetails.push(info.heartbeatDetails);
  const request = `${plan}-${info.attempt}`;
  const record = (): void => recordUsage({ requestId: request, model: 'gpt-4o-mini', tokens });
  switch (plan) {
    case 'succeed':
      record();
      return Promise.resolve({ text: 'done', soFar: usageSoFar().length });
    case 'say nothing':
      return Promise.resolve({ text: 'done' });
    case 'bytes':
      record();
      return Promise.resolve(new Uint8Array([1, 2, 3]));
    case 'unknown model':
      recordUsage({ requestId: request, model: 'brand-new-model', tokens });
      return Promise.resolve('done');
    case 'fail':
      record();
      throw ApplicationFailure.create({ message: 'no', type: 'Bad', nonRetryable: true, details: ['mine'] });
    case 'crash':
      record();
      throw new RangeError('out of range');
    case 'succeed at last':
      record();
      if (info.attempt < 3) throw new Error('not yet');
      return Promise.resolve('at last');
    case 'checkpoint':
      heartbeat({ checkpoint: info.attempt });
      record();
      if (info.attempt < 3) throw new Error('not yet');
      return Promise.resolve(info.heartbeatDetails);
    case 'stream':
      return stream(request);
    case 'hang':
      reportRunningUsage({ requestId: request, model: 'gpt-4o-mini', tokens });
      heartbeat('half way');
      return Context.current().cancelled;
    default:
      throw new Error(`no such plan: ${plan}`);
  }
}

/** Streams until it is cancelled; what has been received by then is all that is known. */
async function stream(requestId: string): Promise<never> {
  reportRunningUsage({ requestId, model: 'gpt-4o-mini', tokens: { ...tokens, outputTokens: 1 } });
  reportRunningUsage({ requestId, model: 'gpt-4o-mini', tokens });
  const beat = setInterval(() => heartbeat(), 50).unref();
  try {
    return await Context.current().cancelled;
  } finally {
    clearInterval(beat);
  }
}

const activities = {
  think,
  streamQuietly: async () => {
    started.push(Context.current().info.activityId);
    recordUsage({ requestId: 'quiet', model: 'gpt-4o-mini', tokens });
    await Context.current().cancelled;
  },
  abort: async () => {
    started.push(Context.current().info.activityId);
    recordUsage({ requestId: 'abort', model: 'gpt-4o-mini', tokens });
    const { cancellationSignal } = Context.current();
    await new Promise((_resolve, reject) => {
      cancellationSignal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      setInterval(() => heartbeat(), 50).unref();
    });
  },
  metered: async () => 'ok',
  sendMail: async () => 'sent',
  classify: async (text: string) => ({ route: text }),
  guess: async (route: unknown) => ({ route }),
};

let bundle: WorkflowBundleWithSourceMap;
const observations: Observation[] = [];

beforeAll(async () => {
  bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./plugin-workflows'),
    workflowInterceptorModules: [require.resolve('./plugin-workflows/headers')],
    logger: new DefaultLogger('ERROR'),
  });
});
beforeEach(() => {
  for (const list of [started, seenDetails, observations]) list.splice(0);
});

async function withWorker<T>(
  body: (taskQueue: string) => Promise<T>,
  operations: typeof policy | null = policy,
): Promise<T> {
  const { nativeConnection } = await temporal.start();
  const taskQueue = temporal.taskQueue();
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    workflowBundle: bundle,
    activities,
    maxHeartbeatThrottleInterval: 100,
    defaultHeartbeatThrottleInterval: 100,
    interceptors: {
      activity: [
        activityInterceptor({
          policy: operations,
          report: (seen) => observations.push(...seen),
          fitsInJson: fitsInJsonOf(undefined),
          canWrapResult: () => true,
          launchBeatMs: 50,
          warnOnce: () => undefined,
        }),
      ],
    },
  });
  return worker.runUntil(body(taskQueue));
}

interface Call {
  activityId?: string;
  options?: ActivityOptions;
  /** Cancels the activity once it runs. */
  stop?: boolean;
  policy?: typeof policy | null;
}

async function call(
  activityType: string,
  args: unknown[],
  { activityId, options, stop, ...rest }: Call = {},
): Promise<Outcome> {
  const { client } = await temporal.start();
  return withWorker(
    async (taskQueue) => {
      const handle = await client.workflow.start<(...args: unknown[]) => Promise<Outcome>>('callRaw', {
        taskQueue,
        workflowId: randomUUID(),
        args: [activityType, args, { ...options, ...(activityId === undefined ? {} : { activityId }) }],
      });
      if (stop === true) {
        await until(() => started.length > 0);
        await handle.signal('stop');
      }
      return handle.result();
    },
    rest.policy === undefined ? policy : rest.policy,
  );
}

const billed = (...usage: UsageRecord[]): unknown => ({ __runahead: 1, usage });

describe('the bill of an activity', () => {
  test('travels with its result', async () => {
    const { value } = await call('think', ['succeed']);
    expect(value).toEqual({ __runahead: 1, value: { text: 'done', soFar: 1 }, usage: [bill('succeed-1')] });
    expect(observations).toMatchObject([
      { kind: 'operation', operation: 'think', pipeline: 'callRaw', tokens, costUsd: '0.00021', succeeded: true },
      { kind: 'bill', operation: 'think', usage: [bill('succeed-1')], workflowGone: false },
    ]);
  });

  test('is not sent to a workflow that would not take it off again', async () => {
    const { value } = await call('think', ['succeed'], { activityId: 'bare-1' });
    expect(value).toEqual({ text: 'done', soFar: 1 });
  });

  test('does not exist when nothing was consumed: the result stays as it is', async () => {
    expect(await call('think', ['say nothing'])).toEqual({ value: { text: 'done' } });
  });

  test('is booked by the control plane when the result cannot carry it', async () => {
    const { value } = await call('think', ['bytes']);
    expect(value).not.toHaveProperty('__runahead');
    expect(observations.find(({ kind }) => kind === 'bill')).toMatchObject({
      workflowGone: true,
      usage: [bill('bytes-1')],
    });
  });

  test('of a fixed price is one entry for each attempt', async () => {
    const { value } = await call('metered', []);
    expect(value).toMatchObject({
      value: 'ok',
      usage: [{ model: 'fixed', costUsd: '0.002', rates: null, estimated: false, attempt: 1 }],
    });
  });

  test('of a model without a price is booked at the declared price, as an estimate: the call is paid for already', async () => {
    const { value } = await call('think', ['unknown model']);
    expect(value).toMatchObject({ usage: [{ model: 'brand-new-model', costUsd: '0.00021', estimated: true }] });
  });

  test('is the last detail of a failure, which is otherwise as thrown', async () => {
    expect(await call('think', ['fail'])).toMatchObject({
      failure: 'application',
      message: 'no',
      type: 'Bad',
      nonRetryable: true,
      details: ['mine', billed(bill('fail-1'))],
    });
    expect(observations).toMatchObject([{ succeeded: false, costUsd: '0.00021' }, { kind: 'bill' }]);
  });

  test('turns an ordinary error into the failure that the SDK would make of it', async () => {
    const options = { retry: { maximumAttempts: 1 } };
    const plain = await call('think', ['crash'], { activityId: 'bare-1', options });
    const withBill = await call('think', ['crash'], { options });
    expect(withBill).toMatchObject({
      failure: 'application',
      type: 'RangeError',
      message: 'out of range',
      nonRetryable: false,
    });
    expect({ ...withBill, details: plain.details }).toEqual(plain);
    expect(withBill.details).toEqual([billed(bill('crash-1'))]);
  });

  test('survives retries: each attempt is one entry', async () => {
    const { value } = await call('think', ['succeed at last'], { options: { heartbeatTimeout: '5s' } });
    expect(value).toEqual({
      __runahead: 1,
      value: 'at last',
      usage: [1, 2, 3].map((attempt) => bill(`succeed at last-${attempt}`, attempt)),
    });
    expect(observations.map(({ id }) => id.split('/').at(-1))).toEqual(['1', 'bill', '2', 'bill', '3', 'bill']);
  });

  test('survives retries also when the activity has no heartbeat timeout', async () => {
    const { value } = await call('think', ['succeed at last']);
    expect(value).toMatchObject({ usage: [{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }] });
  });

  test("leaves the activity's own heartbeat details as they were", async () => {
    const { value } = await call('think', ['checkpoint'], { options: { heartbeatTimeout: '5s' } });
    expect(value).toMatchObject({ value: { checkpoint: 2 }, usage: [{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }] });
    expect(seenDetails).toEqual([undefined, { checkpoint: 1 }, { checkpoint: 2 }]);
  });

  test('travels with a cancellation, with the last estimate of a stream that was cut off', async () => {
    const outcome = await call('think', ['stream'], { stop: true, options: { heartbeatTimeout: '5s' } });
    expect(outcome).toEqual({
      failure: 'cancelled',
      message: '',
      details: [billed(bill('stream-1', 1, true))],
    });
  });

  test('travels with an abort error, which the SDK takes for a cancellation', async () => {
    const outcome = await call('abort', [], { stop: true, options: { heartbeatTimeout: '5s' } });
    expect(outcome).toEqual({ failure: 'cancelled', message: '', details: [billed(bill('abort'))] });
  });

  test('is found in the last heartbeat after a time-out', async () => {
    const outcome = await call('think', ['hang'], {
      options: { startToCloseTimeout: '1s', heartbeatTimeout: '5s', retry: { maximumAttempts: 1 } },
    });
    expect(outcome).toMatchObject({
      failure: 'timeout',
      details: { __runahead: 1, usage: [bill('hang-1', 1, true)], user: ['half way'] },
    });
  });
});

describe('a launch', () => {
  test('hears of its cancellation although it never beats by itself', async () => {
    const outcome = await call('streamQuietly', [], {
      activityId: 'spec-1',
      stop: true,
      options: { heartbeatTimeout: '5s' },
      policy: definePolicy({ activities: { streamQuietly: { effect: 'none', cost: model } } }),
    });
    expect(outcome).toMatchObject({ failure: 'cancelled', details: [billed(bill('quiet'))] });
    expect(observations.find(({ kind }) => kind === 'bill')).toMatchObject({
      activityId: 'spec-1',
      workflowGone: false,
      usage: [bill('quiet')],
    });
  });

  test('that finds its workflow gone says so with its bill', async () => {
    const { client } = await temporal.start();
    const operations = definePolicy({ activities: { streamQuietly: { effect: 'none', cost: model } } });
    await withWorker(async (taskQueue) => {
      const handle = await client.workflow.start('leaveBehind', {
        taskQueue,
        workflowId: randomUUID(),
        args: ['streamQuietly', { activityId: 'spec-left', heartbeatTimeout: '5s' }],
      });
      await until(() => started.length > 0);
      await handle.signal('stop');
      await until(() => observations.some(({ kind }) => kind === 'bill'));
    }, operations);
    expect(observations.find(({ kind }) => kind === 'bill')).toMatchObject({
      activityId: 'spec-left',
      workflowGone: true,
      usage: [bill('quiet')],
    });
  });

  test.each([
    ['an irreversible activity', 'sendMail', policy, /irreversible/],
    ['an undeclared activity', 'guess', policy, /undeclared/],
    ['any activity, on a worker without a policy', 'metered', null, /undeclared/],
  ])('of %s is refused by the worker itself, once and for all', async (_what, activityType, operations, reason) => {
    const outcome = await call(activityType, [], { activityId: 'spec-1', policy: operations });
    expect(outcome).toMatchObject({ type: 'RunaheadRefused', nonRetryable: true });
    expect(outcome.message).toMatch(reason);
  });
});

describe('a draft', () => {
  test('that does not look like the output it guesses is refused by the path that differs', async () => {
    const outcome = await call('guess', [7], { activityId: 'forecast-1' });
    expect(outcome).toMatchObject({ type: 'RunaheadMisfit', nonRetryable: true });
    expect(outcome.message).toMatch(/classify.*at route/);
  });

  test('that fits is returned', async () => {
    expect(await call('guess', ['billing'], { activityId: 'forecast-1' })).toEqual({ value: { route: 'billing' } });
  });
});

test('an output is filed under its context when the operation is forecast from history, and only then', async () => {
  await call('classify', ['refund']);
  await call('metered', []);
  expect(observations.filter(({ kind }) => kind === 'operation')).toMatchObject([
    { operation: 'classify', contextKey: '["refund"]', output: { route: 'refund' } },
    { operation: 'metered', contextKey: null, output: null },
  ]);
});
