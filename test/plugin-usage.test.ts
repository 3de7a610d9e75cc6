import type { Info } from '@temporalio/activity';
import type { TokenCounts } from '../speculation/decision/tokens';
import type { OperationObservation } from '../speculation/estimate/observation';
import { operationObservation } from '../speculation/plugin/activity-attempt';
import { definePolicy } from '../speculation/plugin/policy-file';
import { PriceTable } from '../speculation/plugin/price-table';
import { recordUsage, reportRunningUsage, UsageMeter, withUsageMeter } from '../speculation/plugin/usage-meter';

const PRICES = new PriceTable({
  own: { inputUsdPerMillion: 1, cachedInputUsdPerMillion: 0.1, outputUsdPerMillion: 10, cacheWriteUsdPerMillion: 2 },
});
const GOOD: TokenCounts = { inputTokens: 1_000, cachedInputTokens: 100, outputTokens: 50 };

const warnings: string[] = [];
beforeEach(() => warnings.splice(0));

function meter(): UsageMeter {
  const seen = new Set<string>();
  const warnOnce = (key: string, message: string): void => {
    if (!seen.has(key)) warnings.push(message);
    seen.add(key);
  };
  return new UsageMeter({ attempt: 1, prices: PRICES, declaredModel: null, earlier: [], warnOnce });
}

describe('usage that cannot be right', () => {
  test.each<[what: string, tokens: unknown, booked: TokenCounts, costUsd: string, message: RegExp]>([
    [
      'no number',
      { ...GOOD, outputTokens: NaN },
      { ...GOOD, outputTokens: 0 },
      '0.00091',
      /tokens\.outputTokens is NaN; give/,
    ],
    [
      'negative',
      { ...GOOD, inputTokens: -5 },
      { ...GOOD, inputTokens: 100 },
      '0.00051',
      /tokens\.inputTokens is -5; give/,
    ],
    ['infinite', { ...GOOD, outputTokens: Infinity }, { ...GOOD, outputTokens: 0 }, '0.00091', /is Infinity/],
    [
      'missing',
      { inputTokens: 1_000, outputTokens: 50 },
      { ...GOOD, cachedInputTokens: 0 },
      '0.0015',
      /tokens\.cachedInputTokens is undefined/,
    ],
    [
      'not there at all',
      undefined,
      { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 },
      '0',
      /inputTokens is undefined/,
    ],
    [
      'less input than was cached and written',
      { inputTokens: 10, cachedInputTokens: 900, cacheWriteTokens: 200, outputTokens: 50 },
      { inputTokens: 1_100, cachedInputTokens: 900, cacheWriteTokens: 200, outputTokens: 50 },
      '0.00099',
      /tokens\.inputTokens is 10, less than its parts.*\(1100\); some providers report input without them: add them/,
    ],
    [
      'less output than was rejected',
      { ...GOOD, rejectedPredictionTokens: 60 },
      { ...GOOD, outputTokens: 60, rejectedPredictionTokens: 60 },
      '0.00151',
      /tokens\.outputTokens is 50, less than.*\(60\)/,
    ],
  ])('because it is %s never fails the paid call: it is booked as an estimate, and said once', (...row) => {
    const [, tokens, booked, costUsd, message] = row;
    const books = meter();
    withUsageMeter(books, () => {
      for (const requestId of ['r1', 'r2']) recordUsage({ requestId, model: 'own', tokens: tokens as TokenCounts });
    });
    expect(books.ofThisAttempt()).toMatchObject([
      { requestId: 'r1', tokens: booked, costUsd, estimated: true },
      { requestId: 'r2', tokens: booked, costUsd, estimated: true },
    ]);
    expect(warnings).toEqual([expect.stringMatching(message)]);
    expect(warnings[0]).toMatch(/^recordUsage for own, request r1: .*booked as an estimate\.$/);
  });

  test('is repaired while a request still streams, too', () => {
    const books = meter();
    withUsageMeter(books, () =>
      reportRunningUsage({ requestId: 'r1', model: 'own', tokens: { ...GOOD, outputTokens: NaN } }),
    );
    expect(books.ofThisAttempt()).toMatchObject([{ tokens: { outputTokens: 0 }, estimated: true }]);
  });

  test('does not include usage that is right, which is booked as it is', () => {
    const books = meter();
    const tokens = { ...GOOD, cacheWriteTokens: 900, rejectedPredictionTokens: 50 };
    withUsageMeter(books, () => recordUsage({ requestId: 'r1', model: 'own', tokens }));
    expect(books.ofThisAttempt()).toMatchObject([{ tokens, costUsd: '0.00231', estimated: false }]);
    expect(warnings).toEqual([]);
  });
});

describe('an attempt reports', () => {
  const policy = definePolicy({ activities: { think: { effect: 'none', cost: { kind: 'fixed', usd: 0.5 } } } });
  const observed = (...calls: [model: string, tokens: TokenCounts][]): OperationObservation => {
    const books = meter();
    for (const [index, [model, tokens]] of calls.entries()) books.record({ requestId: `r${index}`, model, tokens });
    books.recordFixed('fixed', '0.5');
    return operationObservation({
      info: { activityId: '1', attempt: 1, workflowExecution: { workflowId: 'w', runId: 'run' } } as Info,
      ...{ pipeline: 'support', operation: policy.operations.get('think')!, args: [], latencySeconds: 2 },
      ...{ outcome: { succeeded: true, value: 'x' }, usage: books.ofThisAttempt() },
    });
  };

  test('the sum of its calls by kind, and leaves out kinds that no provider reported', () => {
    const tokens = { ...GOOD, cacheWriteTokens: 300 };
    expect(observed(['own', GOOD], ['own', tokens]).tokens).toEqual({
      ...{ inputTokens: 2_000, cachedInputTokens: 200, outputTokens: 100, cacheWriteTokens: 300 },
    });
    expect(observed(['own', GOOD]).tokens).toEqual(GOOD);
    expect(observed().tokens).toBeNull();
  });

  test('the model of its only call: several calls say nothing about the speed of one', () => {
    expect(observed(['own', GOOD]).model).toBe('own');
    expect(observed(['own', GOOD], ['own', GOOD])).not.toHaveProperty('model');
    expect(observed()).not.toHaveProperty('model');
  });
});
