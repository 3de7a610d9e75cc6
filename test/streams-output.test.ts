import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { emptyControlState } from '../speculation/estimate/control-state';
import { describePartial, UNKNOWN, withChange, type PartialChange } from '../speculation/forecast/partial-value';
import { activityInterceptor } from '../speculation/plugin/activity-interceptor';
import { fitsInJsonOf } from '../speculation/plugin/fits-in-json';
import { definePolicy } from '../speculation/plugin/policy-file';
import type { ActivityHeader, StreamUpdate } from '../speculation/runtime/protocol';
import { followedOutput } from '../speculation/streams/followed-output';
import { OutputPublisher } from '../speculation/streams/output-publisher';
import { outputStream } from '../speculation/streams/output-stream';
import { signalIntervalMs } from '../speculation/streams/signal-pace';
import type { Heard } from './stream-workflows';
import { useTemporal } from './support/temporal';
import { until } from './support/until';

/** A publisher whose signals arrive when the test says so. */
function publisherUnderTest(forecasts: unknown[] = []): {
  publisher: OutputPublisher;
  sent: StreamUpdate[];
  /** Lets the signal that is under way arrive, or fail. */
  arrive: (error?: Error) => void;
  failures: unknown[];
} {
  const sent: StreamUpdate[] = [];
  const failures: unknown[] = [];
  let settle: ((error?: Error) => void) | null = null;
  const publisher = new OutputPublisher({
    activityId: 'a1',
    attempt: 2,
    send: (update) => {
      if (settle !== null) throw new Error('two signals are under way');
      sent.push(update);
      return new Promise((resolve, reject) => {
        settle = (error) => {
          settle = null;
          if (error === undefined) resolve();
          else reject(error);
        };
      });
    },
    forecasts: () => forecasts,
    onFailure: (error) => failures.push(error),
  });
  return { publisher, sent, arrive: (error) => settle?.(error), failures };
}

const is = (key: string, value: unknown): PartialChange => ({ at: [key], is: value });
const begins = (key: string, text: string): PartialChange => ({ at: [key], begins: text });
const open: PartialChange = { at: [], opens: 'object' };

describe('what is published', () => {
  test('goes one signal at a time, numbered, with all that became known in the meantime', async () => {
    const { publisher, sent, arrive } = publisherUnderTest();
    publisher.add([open, is('a', 1)]);
    publisher.add([is('b', 2)]);
    publisher.add([begins('c', 'x')]);
    publisher.add([begins('c', 'xy'), is('d', 3)]);
    expect(sent).toEqual([{ activityId: 'a1', attempt: 2, sequence: 1, changes: [open, is('a', 1)] }]);
    arrive();
    await until(() => sent.length === 2);
    expect(sent[1]).toEqual({
      activityId: 'a1',
      attempt: 2,
      sequence: 2,
      changes: [is('b', 2), begins('c', 'xy'), is('d', 3)],
    });
    await publisher.finish(0);
  });

  test('is no beginning of a text by itself, as long as it rules nothing out', async () => {
    const { publisher, sent, arrive } = publisherUnderTest([{ route: 'refund' }, { route: 'resend' }, 7]);
    publisher.add([open]);
    // Seven is no object.
    expect(sent).toHaveLength(1);
    arrive();
    publisher.add([begins('route', 're')]);
    publisher.add([begins('route', 'ref')]);
    await until(() => sent.length === 2);
    expect(sent[1]?.changes).toEqual([begins('route', 'ref')]);
    arrive();
    publisher.add([begins('route', 'refu')]);
    publisher.add([begins('route', 'refun')]);
    publisher.add([is('route', 'refund')]);
    await until(() => sent.length === 3);
    expect(sent[2]?.changes).toEqual([is('route', 'refund')]);
    await publisher.finish(0);
  });

  test('is nothing that the result itself is about to say', async () => {
    const { publisher, sent } = publisherUnderTest();
    publisher.add([open, is('a', 1), { at: [], closes: true }]);
    await publisher.finish();
    expect(sent).toEqual([]);
  });

  test('is the whole output too, where the activity goes on after it', async () => {
    const { publisher, sent } = publisherUnderTest();
    publisher.add([{ at: [], is: 'all' }]);
    await until(() => sent.length === 1);
    await publisher.finish(0);
  });

  test('is what was added, whatever becomes of it later', async () => {
    const { publisher, sent, arrive } = publisherUnderTest();
    const list = [1];
    publisher.add([is('first', true)]);
    publisher.add([is('list', list)]);
    list.push(2);
    arrive();
    await until(() => sent.length === 2);
    expect(sent[1]?.changes).toEqual([is('list', [1])]);
    await publisher.finish(0);
  });
});

describe('the bounds', () => {
  test('an answer that always has news sends 60 signals in 75 seconds, and fewer than 75 in ten minutes', () => {
    const sentWithin = (seconds: number): number => {
      let count = 0;
      for (let atMs = 0; atMs <= seconds * 1000; atMs += signalIntervalMs(count)) count += 1;
      return count;
    };
    expect([0.5, 1, 5, 75].map(sentWithin)).toEqual([21, 32, 44, 60]);
    expect(sentWithin(600)).toBeLessThan(75);
  });

  test('fields that come faster than the pace share a signal', async () => {
    jest.useFakeTimers();
    try {
      const sent: number[] = [];
      const publisher = new OutputPublisher({
        activityId: 'a1',
        attempt: 1,
        send: async ({ changes }) => void sent.push(changes.length),
        forecasts: () => [],
        onFailure: () => undefined,
      });
      for (let field = 0; field < 2000; field += 1) {
        publisher.add([is(`field${field}`, field)]);
        await jest.advanceTimersByTimeAsync(5);
      }
      await publisher.finish();
      // Ten seconds.
      expect(sent.length).toBeGreaterThan(40);
      expect(sent.length).toBeLessThan(55);
      expect(sent[0]).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });

  test('a signal has at most 64 kB; what is larger is left out, and nothing passes for complete without it', async () => {
    const { publisher, sent, arrive } = publisherUnderTest();
    const large = 'x'.repeat(70_000);
    const medium = 'x'.repeat(40_000);
    publisher.add([open, is('first', 1)]);
    publisher.add([
      { at: ['inner'], opens: 'object' },
      { at: ['inner', 'large'], is: large },
      { at: ['inner'], closes: true },
      is('function', () => 1),
      is('one', medium),
      is('two', medium),
      { at: [], closes: true },
    ]);
    arrive();
    await until(() => sent.length === 2);
    arrive();
    await until(() => sent.length === 3);
    expect(sent.slice(1).map(({ changes }) => changes)).toEqual([
      [{ at: ['inner'], opens: 'object' }, is('one', medium)],
      [is('two', medium)],
    ]);
    const document = sent.flatMap(({ changes }) => changes).reduce(withChange, UNKNOWN);
    expect(document).toMatchObject({ kind: 'object', closed: false });
    expect(Math.max(...sent.map((update) => JSON.stringify(update).length))).toBeLessThan(65_000);
    arrive();
    await publisher.finish(0);
    expect(sent).toHaveLength(3);
  });
});

describe('the end of the activity', () => {
  test('waits for the signal that is under way, and drops the rest', async () => {
    const { publisher, sent, arrive } = publisherUnderTest();
    publisher.add([is('a', 1)]);
    publisher.add([is('b', 2)]);
    let ended = false;
    const end = publisher.finish(60_000).then(() => (ended = true));
    await new Promise(setImmediate);
    expect(ended).toBe(false);
    arrive();
    await end;
    publisher.add([is('c', 3)]);
    expect(sent).toHaveLength(1);
    expect(publisher.followed).toBe(false);
  });

  test('does not wait for ever', async () => {
    const { publisher } = publisherUnderTest();
    publisher.add([is('a', 1)]);
    await publisher.finish(1);
  });
});

describe('a signal that fails', () => {
  test('ends publishing, says so once, and disturbs nobody', async () => {
    const { publisher, sent, arrive, failures } = publisherUnderTest();
    publisher.add([is('a', 1)]);
    publisher.add([is('b', 2)]);
    arrive(new Error('no'));
    await until(() => !publisher.followed);
    publisher.add([is('c', 3)]);
    await publisher.finish();
    expect(sent).toHaveLength(1);
    expect(failures).toEqual([new Error('no')]);
  });

  test('is the same when the forecasts cannot be had', () => {
    const failures: unknown[] = [];
    const publisher = new OutputPublisher({
      activityId: 'a1',
      attempt: 1,
      send: async () => undefined,
      forecasts: () => {
        throw new Error('no');
      },
      onFailure: (error) => failures.push(error),
    });
    publisher.add([is('a', 1)]);
    expect(failures).toEqual([new Error('no')]);
    expect(publisher.followed).toBe(false);
  });
});

const cost = { kind: 'fixed' as const, usd: 0.0001 };
const policy = definePolicy({
  activities: {
    say: {
      effect: 'none',
      forecast: [{ kind: 'stream' }, { kind: 'function', forecast: () => ({ route: 'refund' }) }],
      cost,
      expectedSeconds: 1,
    },
    fail: { effect: 'none', forecast: [{ kind: 'stream' }], cost, expectedSeconds: 1 },
    use: { effect: 'none', cost, expectedSeconds: 1 },
    linger: { effect: 'none', forecast: [{ kind: 'stream' }], cost, expectedSeconds: 1 },
    useless: { effect: 'none', forecast: [{ kind: 'stream' }], cost: { kind: 'fixed', usd: 1_000 } },
  },
});

describe('an attempt', () => {
  const header: ActivityHeader = { version: 1, pipeline: 'p', launch: false, forecastFor: null, streams: true };

  async function publishedBy(
    given: Partial<Parameters<typeof followedOutput>[0]>,
    signal: (...args: unknown[]) => Promise<void>,
  ): Promise<{ followed: boolean; warnings: string[] }> {
    const warnings: string[] = [];
    const client = {
      workflow: {
        getHandle: (...handle: unknown[]) => ({ signal: (...args: unknown[]) => signal(...handle, ...args) }),
      },
      withAbortSignal: (_signal: unknown, body: () => Promise<unknown>) => body(),
      withDeadline: (_deadline: number, body: () => Promise<void>) => body(),
    };
    const environment = new MockActivityEnvironment({ activityType: 'say' }, { client: client as never });
    const followed = await environment.run<[], boolean, () => Promise<boolean>>(async () => {
      const output = followedOutput({
        context: Context.current(),
        header,
        operation: policy.operations.get('say')!,
        args: [],
        policy,
        state: emptyControlState(),
        warnOnce: (_key, message) => warnings.push(message),
        ...given,
      });
      output?.add([open, begins('route', 's')]);
      await output?.finish();
      return output !== null;
    });
    return { followed, warnings };
  }

  test('signals its own run, under its own id', async () => {
    const signals: unknown[][] = [];
    const { followed } = await publishedBy({}, async (...args) => void signals.push(args));
    expect(followed).toBe(true);
    expect(signals).toEqual([
      [
        'test',
        '00000000-0000-0000-0000-000000000000',
        'runaheadStream',
        { activityId: 'test', attempt: 1, sequence: 1, changes: [open, begins('route', 's')] },
      ],
    ]);
  });

  test.each<[what: string, given: Partial<Parameters<typeof followedOutput>[0]>]>([
    ['the pipeline does not follow', { header: { ...header, streams: false } }],
    ['the pipeline has not got the plugin', { header: null }],
    ['the worker has no policy', { policy: null }],
    ['nobody declared the operation', { operation: null }],
    ['nothing is worth launching', { operation: policy.operations.get('useless')!, policy: withoutOthers() }],
  ])('publishes nothing where %s', async (_what, given) => {
    const { followed } = await publishedBy(given, () => Promise.reject(new Error('a signal was sent')));
    expect(followed).toBe(false);
  });

  function withoutOthers(): typeof policy {
    const operations = new Map([...policy.operations].filter(([name]) => name === 'useless'));
    return { ...policy, operations };
  }

  test('says why it stopped, unless its pipeline is gone', async () => {
    const gone = await publishedBy({}, () => Promise.reject(new WorkflowNotFoundError('gone', 'test', undefined)));
    expect(gone.warnings).toEqual([]);
    const refused = await publishedBy({}, () => Promise.reject(new Error('refused')));
    expect(refused.warnings).toEqual([expect.stringMatching(/^say cannot tell its pipeline .*\(refused\)/)]);
  });

  test('is followed by nobody outside of an activity', () => {
    const stream = outputStream();
    expect(stream.followed).toBe(false);
    stream.add([is('a', 1)]);
  });
});

describe('on a real server', () => {
  const temporal = useTemporal();
  let bundle: WorkflowBundleWithSourceMap;
  const lingering: { followed: boolean }[] = [];

  const activities = {
    say: async () => {
      const stream = outputStream();
      stream.add([open, is('route', 'refund')]);
      for (let element = 0; element < 5; element += 1) {
        stream.add(element === 0 ? [{ at: ['items'], opens: 'array' }] : []);
        stream.add([{ at: ['items', element], is: { element } }]);
        await Context.current().sleep(30);
      }
      stream.add([
        { at: ['items'], closes: true },
        { at: [], closes: true },
      ]);
      return { route: 'refund', items: [0, 1, 2, 3, 4].map((element) => ({ element })) };
    },
    fail: async () => {
      outputStream().add([open, is('attempt', Context.current().info.attempt)]);
      throw new Error(`attempt ${Context.current().info.attempt}`);
    },
    linger: async () => {
      const stream = outputStream();
      lingering.push(stream);
      for (let element = 0; stream.followed; element += 1) {
        stream.add([is(`field${element}`, element)]);
        await Context.current().sleep(20);
      }
    },
    useless: async () => {
      outputStream().add([open, is('a', 1)]);
      return { a: 1 };
    },
  };

  beforeAll(async () => {
    bundle = await bundleWorkflowCode({
      workflowsPath: require.resolve('./stream-workflows'),
      workflowInterceptorModules: [require.resolve('./stream-workflows/headers')],
      logger: new DefaultLogger('ERROR'),
    });
  });

  async function withWorker<T>(body: (taskQueue: string) => Promise<T>, with_ = policy): Promise<T> {
    const { nativeConnection } = await temporal.start();
    const taskQueue = temporal.taskQueue();
    const worker = await Worker.create({
      connection: nativeConnection,
      taskQueue,
      workflowBundle: bundle,
      activities,
      interceptors: {
        activity: [
          activityInterceptor({
            policy: with_,
            report: () => undefined,
            fitsInJson: fitsInJsonOf(undefined),
            canWrapResult: () => false,
            launchBeatMs: 50,
            warnOnce: (_key, message) => {
              throw new Error(message);
            },
          }),
        ],
      },
    });
    return worker.runUntil(body(taskQueue));
  }

  async function listenTo(activityType: string, attempts = 1, with_ = policy): Promise<Heard & { signals: number }> {
    const { client } = await temporal.start();
    return withWorker(async (taskQueue) => {
      const options = { taskQueue, workflowId: randomUUID(), args: [activityType, attempts] };
      const handle = await client.workflow.start<(activity: string, attempts: number) => Promise<Heard>>(
        'listen',
        options as never,
      );
      const heard = await handle.result();
      const { events } = await handle.fetchHistory();
      const signals = (events ?? []).filter(({ workflowExecutionSignaledEventAttributes: it }) => it != null).length;
      return { ...heard, signals };
    }, with_);
  }

  test('a pipeline hears of every field in order, before the result', async () => {
    const { value, updates, signals } = await listenTo('say');
    expect(updates.map(({ sequence }) => sequence)).toEqual(updates.map((_, index) => index + 1));
    expect(updates.every(({ activityId, attempt }) => activityId !== '' && attempt === 1)).toBe(true);
    expect(signals).toBe(updates.length);
    expect(signals).toBeGreaterThan(2);
    const documents = updates.map((_, index) =>
      describePartial(
        updates
          .slice(0, index + 1)
          .flatMap(({ changes }) => changes)
          .reduce(withChange, UNKNOWN),
      ),
    );
    expect(documents[0]).toBe('{"route":"refund",…}');
    expect(JSON.stringify(value)).toContain(
      documents
        .at(-1)!
        .replace(/[,]?…/g, '')
        .replace(/\]?\}?$/, ''),
    );
  });

  test('another attempt starts anew', async () => {
    const { value, updates } = await listenTo('fail', 2);
    expect(value).toMatch(/ActivityFailure/);
    expect(updates.map(({ attempt, sequence, changes }) => [attempt, sequence, changes.length])).toEqual([
      [1, 1, 2],
      [2, 1, 2],
    ]);
  });

  test('an activity whose pipeline has ended goes on without it', async () => {
    const { client } = await temporal.start();
    await withWorker(async (taskQueue) => {
      const options = { taskQueue, workflowId: randomUUID(), args: ['linger'] };
      await client.workflow.execute('leaveEarly', options);
      await until(() => lingering.length === 1 && !lingering[0]!.followed);
    });
  });

  test('where nothing is worth launching, a history has no signal', async () => {
    const operations = new Map([...policy.operations].filter(([name]) => name === 'useless'));
    const { value, signals } = await listenTo('useless', 1, { ...policy, operations });
    expect(value).toEqual({ a: 1 });
    expect(signals).toBe(0);
  });
});
