import type { Info } from '@temporalio/activity';
import { ActivityFailure, type ProtoFailure, RetryState, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { Ledger } from '../speculation/ledger/ledger';
import { missingBill } from '../speculation/ledger/missing-bill';
import { mergeBooks } from '../speculation/ledger/merge-books';
import type { UsageRecord } from '../speculation/ledger/usage';
import type { HandedOver } from '../speculation/plugin/billed-heartbeat';
import { lostUsage } from '../speculation/plugin/lost-attempts';
import { definePolicy } from '../speculation/plugin/policy-file';
import type { BilledHeartbeatDetails } from '../speculation/runtime/protocol';
import { unwrapFailure } from '../speculation/runtime/bill';

jest.mock('@temporalio/workflow', () => ({ workflowInfo: () => ({ runId: 'run' }) }));

const policy = definePolicy({
  activities: {
    think: { effect: 'none', cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 1000, outputTokens: 100 } },
    metered: { effect: 'none', cost: { kind: 'fixed', usd: 0.002 } },
    free: { effect: 'none', cost: { kind: 'fixed', usd: 0 } },
  },
});

function runningBill(attempt: number): UsageRecord {
  const tokens = { inputTokens: 7, cachedInputTokens: 0, outputTokens: 1 };
  const ids = { requestId: `chatcmpl-${attempt}`, clientRequestId: `run/5/${attempt}/1` };
  return { ...ids, model: 'gpt-4o-mini', tokens, rates: null, costUsd: '0.01', estimated: true, attempt };
}

describe('an attempt that was lost', () => {
  const lost = (operation: string, attempt: number, handedOver: HandedOver): UsageRecord[] => {
    const info = { workflowExecution: { workflowId: 'w', runId: 'run' }, activityId: '5', attempt } as Info;
    return lostUsage(info, handedOver, policy.operations.get(operation)!, policy.prices, undefined);
  };
  const nothing = { usage: [], accountedAttempts: 0 };

  test('is set aside with the tokens that a call is expected to consume, under the id of its first request', () => {
    expect(lost('think', 2, nothing)).toEqual([
      {
        requestId: 'run/5/1/1',
        model: 'gpt-4o-mini',
        tokens: { inputTokens: 1000, cachedInputTokens: 0, outputTokens: 100 },
        rates: policy.prices.ratesFor('gpt-4o-mini'),
        costUsd: '0.00021',
        estimated: true,
        lost: true,
        attempt: 1,
      },
    ]);
  });

  test('of a call with a fixed price costs that price', () => {
    expect(lost('metered', 2, nothing)).toMatchObject([{ model: 'fixed', costUsd: '0.002', lost: true }]);
  });

  test('keeps the running bill that got through, and no estimate comes on top', () => {
    expect(lost('think', 2, { usage: [runningBill(1)], accountedAttempts: 0 })).toEqual([]);
  });

  test.each([
    ['all of several', 'think', 4, nothing, [1, 2, 3]],
    [
      'only those after the one that ended orderly, with or without a bill',
      'think',
      4,
      { usage: [], accountedAttempts: 2 },
      [3],
    ],
    ['those between known bills', 'think', 4, { usage: [runningBill(1), runningBill(3)], accountedAttempts: 1 }, [2]],
    ['none when all have said what they consumed', 'think', 3, { usage: [], accountedAttempts: 2 }, []],
    ['none of an operation that is free', 'free', 3, nothing, []],
    ['none at the first attempt', 'think', 1, nothing, []],
  ])('it is set aside for %s (%#)', (_which, operation, attempt, handedOver, attempts) => {
    expect(lost(operation, attempt, handedOver).map((bill) => bill.attempt)).toEqual(attempts);
  });
});

describe('a time-out', () => {
  const failure = (type: TimeoutType, details?: BilledHeartbeatDetails): ActivityFailure =>
    new ActivityFailure(
      'timed out',
      'think',
      '5',
      RetryState.MAXIMUM_ATTEMPTS_REACHED,
      'worker',
      new TimeoutFailure('timed out', details, type),
    );
  const beat = (usage: UsageRecord[], accountedAttempts?: number): BilledHeartbeatDetails => ({
    __runahead: 1,
    usage,
    user: ['half way'],
    ...(accountedAttempts === undefined ? {} : { accountedAttempts }),
  });

  test.each([TimeoutType.HEARTBEAT, TimeoutType.START_TO_CLOSE, TimeoutType.SCHEDULE_TO_CLOSE])(
    '%s of an attempt that no heartbeat knows is a missing bill, never nothing',
    (type) => {
      expect(unwrapFailure(failure(type))).toEqual([missingBill('run/5/1/1', 1)]);
      expect(unwrapFailure(failure(type, beat([runningBill(1)], 1)))).toEqual([
        runningBill(1),
        missingBill('run/5/2/1', 2),
      ]);
    },
  );

  test('leaves the running bill that the last heartbeat carried, and the details of the activity itself', () => {
    const error = failure(TimeoutType.HEARTBEAT, beat([runningBill(1), runningBill(2)], 1));
    expect(unwrapFailure(error)).toEqual([runningBill(1), runningBill(2)]);
    expect(error.cause).toMatchObject({ lastHeartbeatDetails: 'half way' });
  });

  test('of a call that no worker took up has no bill', () => {
    expect(unwrapFailure(failure(TimeoutType.SCHEDULE_TO_START))).toEqual([]);
  });

  test('of a call that costs nothing has no bill, unless one is known', () => {
    const free = ['post', 'think'];
    expect(unwrapFailure(failure(TimeoutType.START_TO_CLOSE), free)).toEqual([]);
    expect(unwrapFailure(failure(TimeoutType.HEARTBEAT, beat([runningBill(1)], 1)), free)).toEqual([runningBill(1)]);
    expect(unwrapFailure(failure(TimeoutType.START_TO_CLOSE), ['post'])).toHaveLength(1);
  });

  describe('in the queue', () => {
    const inQueue = (
      type: TimeoutType,
      { startedEventId = 0, earlier }: { startedEventId?: number; earlier?: ProtoFailure },
      details?: BilledHeartbeatDetails,
    ): ActivityFailure => {
      const error = failure(type, details);
      error.failure = { activityFailureInfo: { startedEventId: startedEventId as never } };
      const whole: ProtoFailure = { timeoutFailureInfo: {}, ...(earlier !== undefined && { cause: earlier }) };
      Object.assign(error.cause!, { failure: whole });
      return error;
    };
    const lost: ProtoFailure = { timeoutFailureInfo: {} };
    const failed: ProtoFailure = { applicationFailureInfo: {} };
    const bothTypes = [TimeoutType.SCHEDULE_TO_START, TimeoutType.SCHEDULE_TO_CLOSE];

    test.each(bothTypes)('%s of the first attempt has no bill', (type) => {
      expect(unwrapFailure(inQueue(type, {}))).toEqual([]);
    });

    test.each(bothTypes)('%s after an attempt that was lost is a missing bill of that one', (type) => {
      expect(unwrapFailure(inQueue(type, { earlier: lost }))).toEqual([missingBill('run/5/1/1', 1)]);
      expect(unwrapFailure(inQueue(type, { earlier: lost }, beat([runningBill(1)], 1)))).toEqual([
        runningBill(1),
        missingBill('run/5/2/1', 2),
      ]);
    });

    test.each(bothTypes)('%s after an attempt whose running bill got through leaves that one', (type) => {
      expect(unwrapFailure(inQueue(type, { earlier: lost }, beat([runningBill(1)], 0)))).toEqual([runningBill(1)]);
    });

    test.each(bothTypes)('%s after attempts that have said what they consumed lacks nothing', (type) => {
      expect(unwrapFailure(inQueue(type, { earlier: failed }, beat([runningBill(1)], 2)))).toEqual([runningBill(1)]);
    });

    test('is none where the server names the event that started it', () => {
      const started = inQueue(TimeoutType.SCHEDULE_TO_CLOSE, { startedEventId: 6 });
      expect(unwrapFailure(started)).toEqual([missingBill('run/5/1/1', 1)]);
    });
  });

  test('with details of a worker that knew nothing of lost attempts leaves its bills as they are', () => {
    expect(unwrapFailure(failure(TimeoutType.HEARTBEAT, beat([runningBill(1)])))).toEqual([runningBill(1)]);
  });
});

test('a missing bill shows in the books: entry, totals, tables, and after the next run', () => {
  const ledger = new Ledger();
  ledger.open({ id: '5', operation: 'think', kind: 'plain', edge: null, reservedUsd: '0', atMs: 0 });
  ledger.settle('5', { outcome: 'failed', usage: [runningBill(1), missingBill('run/5/2/1', 2)], atMs: 9 });
  expect(ledger.entry('5')).toMatchObject({ unbilled: true, costUsd: '0.01' });
  expect(ledger.toMarkdown()).toMatch(/bill missing 1[^]*failed, bill missing/);
  const next = Ledger.fromJSON(ledger.toJSON());
  expect(next.totals()).toMatchObject({ unbilled: 1, costUsd: '0.01' });
  expect(mergeBooks([{ run: 'run', entries: next.report().entries }])).toMatchObject({ unbilled: 1, costUsd: '0.01' });
  next.open({ id: '6', operation: 'think', kind: 'plain', edge: null, reservedUsd: '0', atMs: 0 });
  next.settle('6', { outcome: 'committed', usage: [], atMs: 9 });
  expect(next.totals().unbilled).toBe(1);
});
