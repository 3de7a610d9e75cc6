import fc from 'fast-check';
import {
  branchProbability,
  breakEvenProbability,
  criticalBranches,
  expectedValueUsd,
  impliedLambdaUsdPerSecond,
  InvalidQuantityError,
  largestAffordableCostUsd,
  latencyValueUsd,
  mostBranches,
  neverSpeculates,
  probabilityThreshold,
  shouldSpeculate,
  smallestAlpha,
  thresholdUsd,
} from '../speculation/decision';

const ALPHAS = [0, 0.25, 0.5, 0.75, 1];
const dollars = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
const seconds = fc.double({ min: 1e-3, max: 1e4, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const likely = fc.double({ min: 1e-3, max: 1, noNaN: true });
const more = fc.double({ min: 1, max: 10, noNaN: true });

/** How far the rule is from equality, as a share of the amounts that it compares. */
function distance(P: number, L: number, C: number, alpha: number): number {
  return Math.abs(expectedValueUsd(P, L, C) - thresholdUsd(alpha, C)) / (P * L + 2 * C);
}

describe('the boundary of the rule', () => {
  it.each<[r: number, thresholds: number[]]>([
    [0.5, [1.3333, 1.1667, 1, 0.8333, 0.6667]],
    [1, [1, 0.875, 0.75, 0.625, 0.5]],
    [2, [0.6667, 0.5833, 0.5, 0.4167, 0.3333]],
    [4.7, [0.3509, 0.307, 0.2632, 0.2193, 0.1754]],
    [10, [0.1818, 0.1591, 0.1364, 0.1136, 0.0909]],
  ])('lies at the reference probabilities when a launch is worth %d times its cost', (r, thresholds) => {
    expect(ALPHAS.map((alpha) => Number(probabilityThreshold(alpha, r, 1).toFixed(4)))).toEqual(thresholds);
    expect(breakEvenProbability(r, 1)).toBe(probabilityThreshold(1, r, 1));
    expect(probabilityThreshold(0, r, 1)).toBe(2 * breakEvenProbability(r, 1));
    expect(ALPHAS.map((alpha) => neverSpeculates(alpha, r, 1))).toEqual(thresholds.map((P) => P > 1));
  });

  it.each([4.7, 4.72, 4.7499])('reproduces the published k_crit of AutoReply at r = %d, and its last k', (r) => {
    expect([1, 0.5, 0].map((alpha) => criticalBranches(alpha, r, 1).toFixed(1))).toEqual(['5.7', '3.8', '2.9']);
    expect([1, 0.5, 0].map((alpha) => mostBranches(alpha, r, 1))).toEqual([5, 3, 2]);
  });

  it('reproduces the worked fixture of a $0.0135 launch worth $0.064', () => {
    expect(ALPHAS.map((alpha) => probabilityThreshold(alpha, 0.064, 0.0135).toFixed(4))).toEqual([
      '0.3484',
      '0.3048',
      '0.2613',
      '0.2177',
      '0.1742',
    ]);
    expect(ALPHAS.map((alpha) => criticalBranches(alpha, 0.064, 0.0135).toFixed(3))).toEqual([
      '2.870',
      '3.280',
      '3.827',
      '4.593',
      '5.741',
    ]);
    expect(smallestAlpha(0.3, 0.064, 0.0135).toFixed(4)).toBe('0.2778');
    expect(largestAffordableCostUsd(0.3, 0.064, 0.5).toFixed(6)).toBe('0.016000');
    expect(impliedLambdaUsdPerSecond(0.3, 0.8, 0.0135, 0.5).toFixed(6)).toBe('0.067500');
  });

  it('puts the rule at equality, whichever unknown it is solved for', () => {
    fc.assert(
      fc.property(likely, dollars, dollars, share, seconds, (P, L, C, alpha, savedSeconds) => {
        expect(distance(probabilityThreshold(alpha, L, C), L, C, alpha)).toBeLessThan(1e-12);
        expect(distance(1 / criticalBranches(alpha, L, C), L, C, alpha)).toBeLessThan(1e-12);
        expect(distance(P, L, C, smallestAlpha(P, L, C))).toBeLessThan(1e-12);
        const lambda = impliedLambdaUsdPerSecond(P, savedSeconds, C, alpha);
        expect(distance(P, latencyValueUsd(lambda, savedSeconds), C, alpha)).toBeLessThan(1e-12);
        fc.pre(P + alpha < 2);
        expect(distance(P, L, largestAffordableCostUsd(P, L, alpha), alpha)).toBeLessThan(1e-12);
      }),
      { numRuns: 5_000 },
    );
  });

  it('separates launches from holds: a step to either side of each derived quantity changes the answer', () => {
    const step = 1e-9;
    fc.assert(
      fc.property(likely, dollars, dollars, share, seconds, (P, L, C, alpha, savedSeconds) => {
        fc.pre(P + alpha < 1.999);
        const threshold = probabilityThreshold(alpha, L, C);
        expect(shouldSpeculate(threshold * (1 + step), L, C, alpha)).toBe(true);
        expect(shouldSpeculate(threshold * (1 - step), L, C, alpha)).toBe(false);
        const affordable = largestAffordableCostUsd(P, L, alpha);
        expect(shouldSpeculate(P, L, affordable * (1 - step), alpha)).toBe(true);
        expect(shouldSpeculate(P, L, affordable * (1 + step), alpha)).toBe(false);
        const lambda = impliedLambdaUsdPerSecond(P, savedSeconds, C, alpha);
        expect(shouldSpeculate(P, latencyValueUsd(lambda * (1 + step), savedSeconds), C, alpha)).toBe(true);
        expect(shouldSpeculate(P, latencyValueUsd(lambda * (1 - step), savedSeconds), C, alpha)).toBe(false);
        const least = smallestAlpha(P, L, C);
        expect(shouldSpeculate(P, L, C, least + step * (1 + Math.abs(least)))).toBe(true);
        expect(shouldSpeculate(P, L, C, least - step * (1 + Math.abs(least)))).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it('says of the most branches what the rule says of each number of branches', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), share, (r, alpha) => {
        const most = mostBranches(alpha, r, 1);
        if (most > 0) expect(shouldSpeculate(branchProbability(most), r, 1, alpha)).toBe(true);
        expect(shouldSpeculate(branchProbability(most + 1), r, 1, alpha)).toBe(false);
        expect(neverSpeculates(alpha, r, 1)).toBe(most === 0);
      }),
      { numRuns: 5_000 },
    );
    // Exact ties belong to the launch, whatever the division rounds to.
    for (let k = 1; k <= 500; k++) expect(mostBranches(1, (k - 1) * 0.1, 0.1)).toBe(k);
  });

  it('moves only in the direction that the rule moves', () => {
    fc.assert(
      fc.property(likely, dollars, dollars, share, share, more, (P, L, C, alpha, step, factor) => {
        const later = alpha + (1 - alpha) * step;
        const likelier = P + (1 - P) * step;
        expect(probabilityThreshold(later, L, C)).toBeLessThanOrEqual(probabilityThreshold(alpha, L, C));
        expect(probabilityThreshold(alpha, L * factor, C)).toBeLessThanOrEqual(probabilityThreshold(alpha, L, C));
        expect(probabilityThreshold(alpha, L, C * factor)).toBeGreaterThanOrEqual(probabilityThreshold(alpha, L, C));
        expect(mostBranches(later, L, C)).toBeGreaterThanOrEqual(mostBranches(alpha, L, C));
        expect(largestAffordableCostUsd(likelier, L, alpha)).toBeGreaterThanOrEqual(
          largestAffordableCostUsd(P, L, alpha),
        );
        expect(impliedLambdaUsdPerSecond(likelier, 1, C, alpha)).toBeLessThanOrEqual(
          impliedLambdaUsdPerSecond(P, 1, C, alpha),
        );
        expect(smallestAlpha(P, L, C * factor)).toBeGreaterThanOrEqual(smallestAlpha(P, L, C));
      }),
      { numRuns: 2_000 },
    );
  });

  it('recovers lambda exactly from the probability at which somebody changes their mind', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 10, noNaN: true }), share, (lambda, alpha) => {
        const P = probabilityThreshold(alpha, latencyValueUsd(lambda, 0.8), 0.0135);
        fc.pre(P <= 1);
        expect(Math.abs(impliedLambdaUsdPerSecond(P, 0.8, 0.0135, alpha) / lambda - 1)).toBeLessThan(1e-12);
      }),
    );
  });

  it('has a clear end where nothing is at stake', () => {
    expect(probabilityThreshold(0, 0, 0)).toBe(0);
    expect(criticalBranches(0, 1, 0)).toBe(Infinity);
    expect(mostBranches(0, 0, 0)).toBe(Infinity);
    expect(mostBranches(0, 0.5, 1)).toBe(0);
    expect(smallestAlpha(0, 0, 0)).toBe(-Infinity);
    expect(smallestAlpha(0, 1, 1)).toBe(2);
    expect(largestAffordableCostUsd(1, 0, 1)).toBe(Infinity);
    expect(largestAffordableCostUsd(0, 1, 0.5)).toBe(0);
    expect(impliedLambdaUsdPerSecond(0, 1, 0.1, 0.5)).toBe(Infinity);
    expect(impliedLambdaUsdPerSecond(0.5, 0, 0.1, 0.5)).toBe(Infinity);
    expect(impliedLambdaUsdPerSecond(0, 0, 0, 0.5)).toBe(0);
    expect(impliedLambdaUsdPerSecond(1, 1, 0.1, 1)).toBe(0);
  });

  it.each<[field: string, value: unknown, call: () => unknown]>([
    ['alpha', -0.1, () => probabilityThreshold(-0.1, 1, 1)],
    ['alpha', 1.1, () => criticalBranches(1.1, 1, 1)],
    ['alpha', NaN, () => mostBranches(NaN, 1, 1)],
    ['L', -1, () => neverSpeculates(0, -1, 1)],
    ['L', Infinity, () => breakEvenProbability(Infinity, 1)],
    ['C', -1, () => probabilityThreshold(0, 1, -1)],
    ['C', NaN, () => smallestAlpha(0.5, 1, NaN)],
    ['P', 1.5, () => smallestAlpha(1.5, 1, 1)],
    ['P', -0.5, () => largestAffordableCostUsd(-0.5, 1, 1)],
    ['P', NaN, () => impliedLambdaUsdPerSecond(NaN, 1, 1, 1)],
    ['savedSeconds', -1, () => impliedLambdaUsdPerSecond(0.5, -1, 1, 1)],
    ['k', 0.5, () => branchProbability(0.5)],
    ['k', 0, () => branchProbability(0)],
    ['k', 2.5, () => branchProbability(2.5)],
    ['alpha', '0.5', () => probabilityThreshold('0.5 of it' as never, 1, 1)],
  ])('refuses %s of %p by name, with what would be accepted', (field, value, call) => {
    const refusal = ((): unknown => {
      try {
        return call();
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(InvalidQuantityError);
    expect(refusal).toMatchObject({ code: 'RUNAHEAD_INVALID_QUANTITY', field });
    expect((refusal as Error).message).toMatch(new RegExp(`^${field} is .*${String(value)}.*; use a `));
  });
});
