import { expectedOutcome } from '../bench/chaos/expected-outcome';
import { planOf } from '../bench/chaos/chaos-plan';
import { checkBooks, type Booking, type Kills } from '../bench/chaos/check-books';
import { checkEffects, type EffectsOfRun } from '../bench/chaos/check-effects';
import type { Effect } from '../bench/chaos/chaos-input';
import type { LoggedEffect } from '../bench/chaos/effect-log';
import type { HistoryCall } from '../bench/chaos/run-history';
import type { InvoiceLine } from '../workers/invoice';

const LINE: InvoiceLine = {
  requestId: 'chatcmpl-1',
  clientRequestId: 'run/7/1/1',
  model: 'gpt-4o-mini',
  status: 200,
  inputTokens: 50,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 20,
  rejectedPredictionTokens: 0,
  costUsd: '0.0000195',
  complete: true,
  startedAtMs: 0,
  firstTokenAtMs: 1,
  lastTokenAtMs: 2,
  closedAtMs: 3,
  bytes: 100,
};

const BOOKING: Booking = {
  workflowId: 'chaos-1-0',
  runId: 'run',
  activityId: '7',
  requestId: 'chatcmpl-1',
  clientRequestId: 'run/7/1/1',
  model: 'gpt-4o-mini',
  tokens: { inputTokens: 50, cachedInputTokens: 0, outputTokens: 20 },
  rates: null,
  costUsd: '0.0000195',
  estimated: false,
  attempt: 1,
};

const CUT_OFF: InvoiceLine = { ...LINE, complete: false, outputTokens: 8, costUsd: '0.0000123' };
const LATE: Booking = { ...BOOKING, runId: null };
const COUNTED: Booking = { ...BOOKING, estimated: true, tokens: { ...BOOKING.tokens, outputTokens: 8 } };

const CALM: Kills = { workersMs: [], outages: [] };
const TOLD = { workflowId: 'chaos-1-0', words: '', saidToBeMissing: false, overAtMs: 2_000 };

function differences(invoice: InvoiceLine[], bookings: Booking[]): string[] {
  return checkBooks(invoice, bookings, () => TOLD, CALM).differences.map(({ kind }) => kind);
}

describe('the comparison of books and invoice', () => {
  test.each<[string, InvoiceLine[], Booking[], string[]]>([
    ['accepts a request that is booked as it is invoiced', [LINE], [BOOKING], []],
    [
      'accepts the same bill in the ledger of a run and of the run that it was reset to',
      [LINE],
      [BOOKING, { ...BOOKING, runId: 'reset' }],
      [],
    ],
    [
      'accepts an estimate in one ledger and the report in the other',
      [LINE],
      [COUNTED, { ...BOOKING, runId: 'reset' }],
      [],
    ],
    ['accepts a bill that came late to the control workflow', [LINE], [LATE], []],
    ['accepts an estimate by the id of the client alone', [CUT_OFF], [{ ...COUNTED, requestId: 'run/7/1/1' }], []],
    ['accepts what was set aside for a request that was never sent', [], [{ ...COUNTED, lost: true }], []],
    [
      'accepts that a refused request is in no book',
      [{ ...LINE, status: 500, inputTokens: 0, outputTokens: 0, costUsd: '0' }],
      [],
      [],
    ],
    [
      'accepts an estimate for a refusal that nobody heard',
      [{ ...LINE, status: 500, inputTokens: 0, outputTokens: 0, costUsd: '0' }],
      [{ ...COUNTED, tokens: { ...COUNTED.tokens, outputTokens: 0 } }],
      [],
    ],
    ['sees a request that nobody has booked', [LINE], [], ['unbooked']],
    ['sees a doubled booking', [LINE], [BOOKING, { ...BOOKING, activityId: '8' }], ['booked twice']],
    ['sees what a pipeline and the control workflow both have', [LINE], [BOOKING, LATE], ['booked twice']],
    ['sees a nano-dollar too much', [LINE], [{ ...BOOKING, costUsd: '0.000019501' }], ['wrong amount']],
    ['sees a report that the provider did not give', [CUT_OFF], [BOOKING], ['wrong amount']],
    [
      'sees an estimate with more output than was delivered',
      [CUT_OFF],
      [{ ...COUNTED, tokens: { ...COUNTED.tokens, outputTokens: 9 } }],
      ['estimate out of bounds'],
    ],
    [
      'sees an estimate with another input than was sent',
      [CUT_OFF],
      [{ ...COUNTED, tokens: { ...COUNTED.tokens, inputTokens: 49 } }],
      ['estimate out of bounds'],
    ],
    ['sees a reported bill without a request', [], [BOOKING], ['booked without a request']],
  ])('%s', (_claim, invoice, bookings, expected) => {
    expect(differences(invoice, bookings)).toEqual(expected);
  });

  test.each([
    ['accepts a missing bill that the books mark as missing and whose worker was killed', true, [2_500], [], []],
    ['accepts it also later, when the server was away meanwhile', true, [9_000], [{ fromMs: 1_500, toMs: 5_000 }], []],
    ['sees a missing bill that no book marks', false, [2_500], [], ['unbooked']],
    ['sees a missing bill although no worker was killed', true, [], [], ['unbooked']],
    ['sees a missing bill although its worker was killed much later', true, [9_000], [], ['unbooked']],
  ])('%s', (_claim, saidToBeMissing, workersMs, outages, expected) => {
    const line = { ...LINE, startedAtMs: 1_000, closedAtMs: 2_000 };
    const check = checkBooks([line], [], () => ({ ...TOLD, saidToBeMissing }), { workersMs, outages });
    expect(check.differences.map(({ kind }) => kind)).toEqual(expected);
    expect(check.requests.knownMissing).toBe(1 - expected.length);
  });

  test('adds up every request once, and says what of it is certain', () => {
    const other = { ...CUT_OFF, requestId: 'chatcmpl-2', clientRequestId: 'run/8/1/1' };
    const counted = { ...COUNTED, requestId: 'chatcmpl-2', clientRequestId: 'run/8/1/1', costUsd: '0.000012' };
    const check = checkBooks([LINE, other], [BOOKING, { ...BOOKING, runId: 'reset' }, counted], () => TOLD, CALM);
    expect(check).toMatchObject({
      differences: [],
      requests: { invoiced: 2, reported: 1, estimated: 1, lost: 0, neverSent: 0, late: 0 },
      invoiceUsd: '0.0000318',
      bookedUsd: '0.0000315',
      estimatedUsd: '0.000012',
    });
  });
});

const SEAT: Effect = { operation: 'reserveSeat', args: { run: 1, name: 'window', text: 'a' } };
const ENTRY: Effect = { operation: 'recordEntry', args: { run: 1, name: 'entry', text: 'b' } };
const CACHE: Effect = { operation: 'cacheEntry', args: { run: 1, name: 'cache', text: 'c' } };
const MAIL: Effect = { operation: 'sendMessage', args: { run: 1, name: 'mail', text: 'd' } };

function called(effect: Effect, activityId: string, change: Partial<HistoryCall> = {}): HistoryCall {
  const { operation: activityType, args } = effect;
  return {
    activityId,
    activityType,
    args: [args],
    launch: false,
    outcome: 'completed',
    attempts: 1,
    stageId: null,
    ...change,
  };
}

function logged(effect: Effect, activityId: string, change: Partial<LoggedEffect> = {}): LoggedEffect {
  const key = effect.operation === 'sendMessage' ? null : `key of ${activityId}`;
  return { ...effect, workflowId: 'chaos-1-1', runId: 'run', activityId, attempt: 1, key, ...change };
}

const commit = (stageId: string): HistoryCall =>
  called(SEAT, `commit-${stageId}`, { activityType: 'runaheadCommitStage', stageId });
const seat = (stageId: string): EffectsOfRun['seats'][number] => ({ ...SEAT, workflowId: 'chaos-1-1', stageId });

/** A run as it should be: each of the effects once. */
const GOOD: EffectsOfRun = {
  workflowId: 'chaos-1-1',
  expected: [SEAT, ENTRY, CACHE, MAIL],
  completed: true,
  histories: [
    {
      runId: 'run',
      calls: [commit('s'), called(ENTRY, '2'), called(CACHE, '3'), called(MAIL, '4')],
      end: 'completed',
      endedAtMs: 0,
    },
  ],
  logged: [logged(ENTRY, '2'), logged(CACHE, '3'), logged(MAIL, '4')],
  seats: [seat('s')],
};

function withCalls(...calls: HistoryCall[]): EffectsOfRun['histories'] {
  return [{ runId: 'run', calls: [...GOOD.histories[0]!.calls, ...calls], end: 'completed', endedAtMs: 0 }];
}

describe('the comparison of effects with the plain run', () => {
  test.each<[string, Partial<EffectsOfRun>, string[]]>([
    ['accepts each effect once', {}, []],
    [
      'accepts an idempotent effect that was attempted twice under one key',
      { logged: [...GOOD.logged, logged(ENTRY, '2', { attempt: 2 })] },
      [],
    ],
    [
      'accepts a message that was sent again because Temporal retried',
      { logged: [...GOOD.logged, logged(MAIL, '4', { attempt: 2 })] },
      [],
    ],
    [
      'accepts the abandoned launch of an operation that allows it',
      {
        histories: withCalls(called({ ...CACHE, args: { ...CACHE.args, text: 'guess' } }, 'spec-1', { launch: true })),
        logged: [...GOOD.logged, logged({ ...CACHE, args: { ...CACHE.args, text: 'guess' } }, 'spec-1')],
      },
      [],
    ],
    [
      'accepts that a run which was cancelled did nothing',
      { completed: false, histories: [], logged: [], seats: [] },
      [],
    ],
    [
      'sees an effect that the plain run has not',
      { logged: [...GOOD.logged, logged({ ...ENTRY, args: { ...ENTRY.args, text: 'x' } }, '2', { key: 'k' })] },
      ['stray effect'],
    ],
    [
      'sees an effect that no history has asked for',
      { logged: [...GOOD.logged, logged(MAIL, '99')] },
      ['stray effect', 'double commit'],
    ],
    [
      'sees an irreversible effect of a launch',
      {
        histories: withCalls(called(MAIL, 'spec-2', { launch: true })),
        logged: [...GOOD.logged.slice(0, 2), logged(MAIL, 'spec-2')],
      },
      ['stray effect'],
    ],
    [
      'sees a stage that was committed without a claim',
      { seats: [seat('s'), seat('other')] },
      ['stray effect', 'double commit'],
    ],
    ['sees a stage that was committed twice', { seats: [seat('s'), seat('s')] }, ['double commit']],
    [
      'sees two effects where the plain run has one',
      { histories: withCalls(called(ENTRY, '5')), logged: [...GOOD.logged, logged(ENTRY, '5')] },
      ['double commit'],
    ],
    ['sees a message that one attempt sent twice', { logged: [...GOOD.logged, logged(MAIL, '4')] }, ['double commit']],
    ['sees a commit that is lost', { seats: [] }, ['lost commit', 'lost commit']],
    [
      'sees an effect that is lost although its run did not complete',
      { completed: false, logged: GOOD.logged.slice(1) },
      ['lost commit'],
    ],
  ])('%s', (_claim, change, expected) => {
    const { differences: found } = checkEffects({ ...GOOD, ...change });
    expect(found.map(({ kind }) => kind)).toEqual(expected);
  });
});

describe('the plan', () => {
  test('is the same for the same seed, and another one for another', () => {
    const plans = (seed: number): unknown => Array.from({ length: 200 }, (_, run) => planOf(seed, run));
    expect(plans(1)).toEqual(plans(1));
    expect(plans(1)).not.toEqual(plans(2));
  });

  test('has every disturbance and every victim among 1,000 runs', () => {
    const plans = Array.from({ length: 1_000 }, (_, run) => planOf(1, run));
    expect(new Set(plans.map(({ disturbance }) => disturbance.kind)).size).toBe(5);
    expect(new Set(plans.map(({ kill }) => kill?.victim))).toEqual(
      new Set([undefined, 'worker', 'both workers', 'server']),
    );
  });

  test('gives every shape something to return, and ends it with an effect that cannot be taken back', () => {
    for (let run = 0; run < 60; run++) {
      const { result, effects } = expectedOutcome(planOf(1, run).input);
      expect(result.said.length).toBeGreaterThan(2);
      expect(effects.at(-1)?.operation).toBe('sendMessage');
    }
  });
});
