import fc from 'fast-check';
import type { TokenCounts } from '../speculation/decision/tokens';
import { DECLARED_CALLS, expectedTokens } from '../speculation/estimate/expected-tokens';
import { addAttempt, noOperationStatistics } from '../speculation/estimate/operation-statistics';
import { addTokens, type TokenStatistics } from '../speculation/estimate/token-statistics';

const DECLARED: TokenCounts = { inputTokens: 400, cachedInputTokens: 0, outputTokens: 20 };
const tokens = fc.integer({ min: 1, max: 100_000 });
const calls = fc.array(tokens, { minLength: 1, maxLength: 60 });

describe('token statistics', () => {
  it('are the mean of each kind', () => {
    fc.assert(
      fc.property(calls, (outputs) => {
        const { mean, count } = after(outputs.map((outputTokens) => ({ ...DECLARED, outputTokens })));
        expect(count).toBe(outputs.length);
        expect(mean.inputTokens).toBe(400);
        expect(mean.outputTokens).toBeCloseTo(average(outputs), 4);
        expect(mean).not.toHaveProperty('cacheWriteTokens');
      }),
    );
  });

  it('count calls before the first cache write as calls without one', () => {
    const { mean } = after([DECLARED, DECLARED, { ...DECLARED, cacheWriteTokens: 300 }, DECLARED]);
    expect(mean.cacheWriteTokens).toBe(75);
  });

  it('do not depend on the order of the calls, and survive JSON', () => {
    fc.assert(
      fc.property(
        calls.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const [left, right] = [all, shuffled].map((outputs) =>
            after(outputs.map((outputTokens) => ({ ...DECLARED, outputTokens, cacheWriteTokens: outputTokens % 7 }))),
          );
          expect(left!.sketches).toEqual(right!.sketches);
          const sent = JSON.parse(JSON.stringify(left)) as TokenStatistics;
          expect(expectedTokens(DECLARED, sent)).toEqual(expectedTokens(DECLARED, right!));
        },
      ),
    );
  });

  it('stay small, however many calls of whatever size', () => {
    const statistics = after(Array.from({ length: 5_000 }, (_, index) => ({ ...DECLARED, outputTokens: index ** 3 })));
    expect(JSON.stringify(statistics).length).toBeLessThan(4_096);
  });

  it('that older code wrote are continued: its calls consumed their mean', () => {
    const older: unknown = { count: 9, mean: DECLARED, squaredDistances: DECLARED };
    const continued = addTokens(older as TokenStatistics, { ...DECLARED, outputTokens: 120 });
    expect(continued).toMatchObject({ count: 10, mean: { outputTokens: 30 } });
    const declared = { ...DECLARED, outputTokens: 20 };
    // Nine of 20 as before, three declared, and one outlier that counts as four medians.
    expect(expectedTokens(declared, continued).outputTokens).toBe(Math.round((12 * 20 + 80) / 13));
    expect(expectedTokens(declared, { count: 9, mean: { ...DECLARED, outputTokens: 60 } }).outputTokens).toBe(
      Math.round((3 * 20 + 9 * 60) / 12),
    );
  });
});

describe('expected tokens', () => {
  it('are the declared ones until a call was measured', () => {
    expect(expectedTokens(DECLARED, null)).toEqual(DECLARED);
  });

  it('move from the declared ones to the measured ones without a jump, the declaration counting as three calls', () => {
    const outputs = [0, 1, 2, 3, 10, 100, 1_000].map((n) => expectedAfter(n, 40));
    expect(outputs).toEqual([20, 25, 28, 30, 35, 39, 40]);
    for (let n = 1; n < 50; n++) {
      expect(expectedAfter(n, 60) - expectedAfter(n - 1, 60)).toBeGreaterThanOrEqual(0);
    }
  });

  it('lie between the smallest and the largest of what was declared and measured', () => {
    fc.assert(
      fc.property(tokens, calls, (declared, outputs) => {
        const expected = expectOf(declared, outputs);
        expect(expected).toBeGreaterThanOrEqual(Math.min(declared, ...outputs) - 1);
        expect(expected).toBeLessThanOrEqual(Math.max(declared, ...outputs) + 1);
      }),
    );
  });

  it.each([0, 1, 5, 20, 100, 1_000])(
    'rise by at most 3 / (n + 4) when one call after %d alike ones has a hundred times the tokens',
    (n) => {
      for (const factor of [5, 100, 10_000]) {
        const before = Array.from({ length: n }, () => 1_000);
        const risen = expectOf(1_000, [...before, 1_000 * factor]) / expectOf(1_000, before);
        expect(risen).toBeGreaterThan(1);
        expect(risen).toBeLessThanOrEqual(1 + 3 / (n + 4) + 1e-3);
      }
    },
  );

  it('do not move further for an outlier of a hundred times than for one of ten times the most', () => {
    const ordinary = fc.array(fc.integer({ min: 500, max: 2_000 }), { minLength: 5, maxLength: 60 });
    fc.assert(
      fc.property(ordinary, (outputs) => {
        const far = expectOf(1_000, [...outputs, 20_000]);
        expect(expectOf(1_000, [...outputs, 200_000])).toBe(far);
        expect(far / expectOf(1_000, outputs)).toBeLessThan(1 + 8 / (outputs.length + DECLARED_CALLS + 1));
      }),
    );
  });

  it('believe a second large call: what happens more often than once in fifty is no outlier', () => {
    const ordinary = Array.from({ length: 20 }, () => 100);
    expect(expectOf(100, [...ordinary, 10_000])).toBe(Math.round((23 * 100 + 400) / 24));
    expect(expectOf(100, [...ordinary, 10_000, 10_000])).toBe(Math.round((23 * 100 + 2 * 10_000) / 25));
  });

  it('are within a tenth of the true mean of answers that vary as those of models do', () => {
    // Log-normal, sigma 0.8, by its quantiles: a mean of exp(0.32) medians.
    const n = 2_000;
    const outputs = Array.from({ length: n }, (_, index) =>
      Math.round(300 * Math.exp(0.8 * normalQuantile((index + 0.5) / n))),
    );
    const error = expectOf(300, outputs) / average(outputs) - 1;
    expect(error).toBeLessThanOrEqual(0);
    expect(error).toBeGreaterThan(-0.1);
  });

  it('never hold a part that is larger than its whole', () => {
    const call = fc
      .tuple(fc.nat(5_000), fc.nat(5_000), fc.nat(5_000), fc.nat(5_000), fc.nat(5_000))
      .map(([plain, cached, written, said, rejected]) => ({
        inputTokens: plain + cached + written,
        cachedInputTokens: cached,
        cacheWriteTokens: written,
        outputTokens: said + rejected,
        rejectedPredictionTokens: rejected,
      }));
    fc.assert(
      fc.property(call, fc.array(call, { minLength: 1, maxLength: 30 }), (declared, measured) => {
        const expected = expectedTokens(declared, after(measured));
        const { inputTokens, cachedInputTokens, cacheWriteTokens = 0, rejectedPredictionTokens = 0 } = expected;
        expect(cachedInputTokens + cacheWriteTokens).toBeLessThanOrEqual(inputTokens);
        expect(rejectedPredictionTokens).toBeLessThanOrEqual(expected.outputTokens);
        expect(Object.values(expected).every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
      }),
    );
  });
});

describe('the statistics of an operation', () => {
  const attempt = (costUsd: string, succeeded = true): Parameters<typeof addAttempt>[1] => ({
    ...{ kind: 'operation', id: 'run/1/1', pipeline: 'support', operation: 'classify', contextKey: null, output: null },
    ...{ latencySeconds: 1, tokens: DECLARED, costUsd, succeeded },
  });

  it('remember the dearest attempt, failed ones too: that is what a call can cost', () => {
    const statistics = noOperationStatistics();
    for (const [costUsd, succeeded] of [
      ['0.01', true],
      ['0.5', false],
      ['0.02', true],
    ] as const) {
      addAttempt(statistics, attempt(costUsd, succeeded));
    }
    expect(statistics).toMatchObject({ dearestUsd: 0.5, count: 2, failures: 1 });
  });

  it('that older code wrote go on', () => {
    const { latency, costUsdSum, count, failures } = noOperationStatistics();
    const older = { latency, tokens: { count: 1, mean: DECLARED }, costUsdSum, count, failures };
    addAttempt(older, attempt('0.03'));
    expect(older).toMatchObject({ dearestUsd: 0.03, tokens: { count: 2, mean: DECLARED } });
  });
});

function after(all: readonly TokenCounts[]): TokenStatistics {
  return all.reduce<TokenStatistics | null>(addTokens, null)!;
}

function expectOf(declared: number, outputs: readonly number[]): number {
  const statistics =
    outputs.length === 0 ? null : after(outputs.map((outputTokens) => ({ ...DECLARED, outputTokens })));
  return expectedTokens({ ...DECLARED, outputTokens: declared }, statistics).outputTokens;
}

function expectedAfter(n: number, outputTokens: number): number {
  return expectOf(
    20,
    Array.from({ length: n }, () => outputTokens),
  );
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** By bisection on the error function's integral; exact enough for a test of 10 %. */
function normalQuantile(share: number): number {
  let [low, high] = [-6, 6];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return low;
}

/** Logistic approximation of the normal distribution (Bowling et al. 2009), off by at most 0.00014. */
function normalShare(z: number): number {
  return 1 / (1 + Math.exp(-(1.5976 * z + 0.07056 * z ** 3)));
}
