import fc from 'fast-check';
import {
  addLatency,
  emptyLatencyHistogram,
  equallyLikelyPoints,
  latencyQuantile,
  mergeLatencies,
  type LatencyHistogram,
} from '../speculation/estimate/latency-histogram';
import { expectedOverlapSeconds, maxOf, remainingSeconds } from '../speculation/estimate/overlap';
import { addTokens, tokenVariance, type TokenStatistics } from '../speculation/estimate/token-statistics';

const seconds = fc.double({ min: 1e-3, max: 1e5, noNaN: true });
const durations = fc.array(seconds, { minLength: 1, maxLength: 200 });
const points = fc.array(seconds, { minLength: 1, maxLength: 16 }).map(ascending);

describe('the latency histogram', () => {
  it('gives each quantile to within 5 %', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const exact = ascending(values)[Math.max(Math.ceil(q * values.length), 1) - 1]!;
        const estimate = latencyQuantile(histogramOf(values), q)!;
        expect(Math.abs(estimate / exact - 1)).toBeLessThan(0.05);
      }),
    );
  });

  it('gives 16 equally likely points, ascending, and none without data', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const estimate = equallyLikelyPoints(histogramOf(values));
        expect(estimate).toHaveLength(16);
        expect(estimate).toEqual(ascending(estimate));
      }),
    );
    expect(equallyLikelyPoints(emptyLatencyHistogram())).toEqual([]);
    expect(latencyQuantile(emptyLatencyHistogram(), 0.5)).toBeNull();
  });

  it('of two halves merged is that of the whole, also after it went through JSON', () => {
    fc.assert(
      fc.property(durations, durations, (left, right) => {
        const merged = mergeLatencies(histogramOf(left), histogramOf(right));
        expect(merged).toEqual(histogramOf([...left, ...right]));
        expect(equallyLikelyPoints(JSON.parse(JSON.stringify(merged)) as LatencyHistogram)).toEqual(
          equallyLikelyPoints(merged),
        );
      }),
    );
  });

  it('stays small and counts only durations', () => {
    const histogram = emptyLatencyHistogram();
    for (let exponent = -400; exponent < 400; exponent++) addLatency(histogram, 10 ** (exponent / 20));
    for (const value of [NaN, -1, -Infinity]) addLatency(histogram, value);
    for (const value of [0, Infinity]) addLatency(histogram, value);
    expect(histogram.count).toBe(802);
    expect(Object.keys(histogram.buckets).length).toBeLessThan(300);
    expect(equallyLikelyPoints(histogram).every(Number.isFinite)).toBe(true);
  });
});

describe('the overlap', () => {
  it('conditions what remains on what has elapsed', () => {
    expect(remainingSeconds([1, 2, 4], 0)).toEqual([1, 2, 4]);
    expect(remainingSeconds([1, 2, 4], 1)).toEqual([1, 3]);
    expect(remainingSeconds([], 5)).toEqual([]);
  });

  it('expects a tenth of the age once an operation has outlived all experience', () => {
    expect(remainingSeconds([1, 2, 4], 10)).toEqual([1]);
  });

  it('is the mean of the smaller of two durations over all pairs', () => {
    expect(expectedOverlapSeconds([1, 3], [2])).toBe(1.5);
    expect(expectedOverlapSeconds([1, 3], [2, 10])).toBe((1 + 1 + 2 + 3) / 4);
    expect(expectedOverlapSeconds([], [2])).toBe(0);
    expect(expectedOverlapSeconds([2], [])).toBe(0);
  });

  it('is symmetric and never more than the mean of either', () => {
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    fc.assert(
      fc.property(points, points, (left, right) => {
        const overlap = expectedOverlapSeconds(left, right);
        expect(overlap).toBeLessThanOrEqual(Math.min(mean(left), mean(right)) * (1 + 1e-12));
        expect(overlap).toBeCloseTo(expectedOverlapSeconds(right, left), 6);
      }),
    );
  });

  it('with several open hypotheses counts until the latest', () => {
    expect(maxOf([1, 5], [2, 3])).toEqual([2, 5]);
    expect(maxOf([4], [1, 2, 8, 9])).toEqual([4, 4, 8, 9]);
    expect(maxOf([], [1, 2])).toEqual([1, 2]);
    expect(maxOf([1], [])).toEqual([1]);
  });

  it('of the latest of several ascends and is nowhere below either', () => {
    fc.assert(
      fc.property(points, points, (left, right) => {
        const latest = maxOf(left, right);
        expect(latest).toEqual(ascending(latest));
        expect(latest[0]).toBeGreaterThanOrEqual(Math.max(left[0]!, right[0]!));
        expect(latest.at(-1)).toBe(Math.max(left.at(-1)!, right.at(-1)!));
      }),
    );
  });
});

describe('token statistics', () => {
  it('are the mean and the variance', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { minLength: 2, maxLength: 50 }), (counts) => {
        let statistics: TokenStatistics | null = null;
        for (const outputTokens of counts) {
          statistics = addTokens(statistics, { inputTokens: 7, cachedInputTokens: 0, outputTokens });
        }
        const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
        const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1);
        expect(statistics?.mean.inputTokens).toBe(7);
        expect(statistics?.mean.outputTokens).toBeCloseTo(mean, 4);
        const estimate = tokenVariance(statistics!);
        expect(estimate.inputTokens).toBe(0);
        expect(Math.abs(estimate.outputTokens - variance)).toBeLessThanOrEqual(1e-9 * (variance + 1));
      }),
    );
  });

  it('have no variance after one call', () => {
    const once = addTokens(null, { inputTokens: 1, cachedInputTokens: 2, outputTokens: 3 });
    expect(once.mean).toEqual({ inputTokens: 1, cachedInputTokens: 2, outputTokens: 3 });
    expect(tokenVariance(once)).toEqual({ inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 });
  });
});

function ascending(values: readonly number[]): number[] {
  return [...values].sort((left, right) => left - right);
}

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = emptyLatencyHistogram();
  for (const value of values) addLatency(histogram, value);
  return histogram;
}
