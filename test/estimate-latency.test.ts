import fc from 'fast-check';
import { expectedDurations } from '../speculation/estimate/expected-duration';
import {
  addLatency,
  emptyLatencyHistogram,
  equallyLikelyPoints,
  latencyQuantile,
  mergeLatencies,
  type LatencyHistogram,
} from '../speculation/estimate/latency-histogram';
import { addModelCall, answerSeconds, type ModelSpeed } from '../speculation/estimate/model-speed';
import { expectedOverlapSeconds, maxOf, remainingSeconds } from '../speculation/estimate/overlap';

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

  it('never expects an operation to have ended already, nor to end earlier because it still runs', () => {
    const elapsed = fc.double({ min: 0, max: 2e5, noNaN: true });
    fc.assert(
      fc.property(points, elapsed, elapsed, (all, one, other) => {
        const [sooner, later] = [Math.min(one, other), Math.max(one, other)];
        const expectedEnd = (after: number): number => {
          const remaining = remainingSeconds(all, after);
          return after + remaining.reduce((sum, value) => sum + value, 0) / remaining.length;
        };
        expect(remainingSeconds(all, later).every((value) => value >= 0)).toBe(true);
        expect(remainingSeconds(all, later)).toEqual(ascending(remainingSeconds(all, later)));
        expect(expectedEnd(later)).toBeGreaterThanOrEqual(expectedEnd(sooner) * (1 - 1e-12));
      }),
      { numRuns: 2_000 },
    );
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

describe('expected durations', () => {
  it('are the supposed one until a call was measured, the measured ones where nothing was supposed, else none', () => {
    expect(expectedDurations(null, 2)).toEqual([2]);
    expect(expectedDurations(emptyLatencyHistogram(), 2)).toEqual([2]);
    expect(expectedDurations(null, null)).toEqual([]);
    expect(expectedDurations(histogramOf([1, 2, 3]), null)).toEqual(equallyLikelyPoints(histogramOf([1, 2, 3])));
  });

  it('move from the supposed to the measured ones call by call, the supposed one counting as three', () => {
    const supposed = (n: number): number =>
      expectedDurations(histogramOf(Array.from({ length: n }, () => 1)), 10).filter((point) => point > 5).length;
    expect([1, 3, 13, 45, 93].map(supposed)).toEqual([12, 8, 3, 1, 0]);
  });

  it('are off by no more than one point of sixteen for one call among fifteen or more, however slow it was', () => {
    fc.assert(
      fc.property(fc.array(seconds, { minLength: 15, maxLength: 60 }), (values) => {
        const typical = Math.max(...values);
        const points = expectedDurations(histogramOf([...values, typical * 1_000]), typical);
        expect(points.filter((point) => point > typical * 1.05).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the speed of a model', () => {
  it('gives the duration of an answer of the same size, whatever operation it was measured on', () => {
    const speed: ModelSpeed = {};
    for (const outputTokens of [100, 150, 200]) addModelCall(speed, outputTokens, outputTokens / 50);
    expect(answerSeconds(speed, 120)! / 2.4).toBeCloseTo(1, 1);
  });

  it('keeps short answers apart: they are slow because of the time to the first token', () => {
    const speed: ModelSpeed = {};
    for (const outputTokens of [2, 2, 2, 200, 200, 200]) addModelCall(speed, outputTokens, 0.5 + outputTokens / 100);
    expect(answerSeconds(speed, 2)!).toBeCloseTo(0.52, 1);
    expect(answerSeconds(speed, 200)! / 2.5).toBeCloseTo(1, 1);
  });

  it('is not used for answers of very different size', () => {
    const speed: ModelSpeed = {};
    addModelCall(speed, 2, 0.5);
    expect(answerSeconds(speed, 10)).not.toBeNull();
    expect(answerSeconds(speed, 800)).toBeNull();
  });

  it('is the median: one stuck call does not slow the model down', () => {
    const speed: ModelSpeed = {};
    for (const perSecond of [50, 50, 50, 50, 0.1]) addModelCall(speed, 100, 100 / perSecond);
    expect(answerSeconds(speed, 100)! / 2).toBeCloseTo(1, 1);
  });

  it('learns nothing from answers without tokens or time, and knows nothing about them', () => {
    const speed: ModelSpeed = {};
    addModelCall(speed, 0, 1);
    addModelCall(speed, NaN, 1);
    addModelCall(speed, 10, NaN);
    expect(speed).toEqual({});
    expect(answerSeconds(speed, 10)).toBeNull();
    addModelCall(speed, 1, 1);
    expect(answerSeconds(speed, 0)).toBeNull();
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
