import fc from 'fast-check';
import { probabilityThreshold } from '../speculation/decision/boundary';
import { expectedValueUsd, shouldSpeculate, thresholdUsd } from '../speculation/decision/expected-value';
import { latencyValueUsd } from '../speculation/decision/latency-value';
import { tokensCostUsd } from '../speculation/decision/tokens';

const ALPHAS = [0, 0.25, 0.5, 0.75, 1];

/** Reference thresholds of the published rule, by r = L / C. */
const THRESHOLDS: [r: number, thresholds: number[]][] = [
  [0.5, [1.3333, 1.1667, 1, 0.8333, 0.6667]],
  [1, [1, 0.875, 0.75, 0.625, 0.5]],
  [2, [0.6667, 0.5833, 0.5, 0.4167, 0.3333]],
  [4.7, [0.3509, 0.307, 0.2632, 0.2193, 0.1754]],
  [10, [0.1818, 0.1591, 0.1364, 0.1136, 0.0909]],
];

/** 500 input tokens at $3 and 800 output tokens at $15 per million; 0.8 s at $0.08 a second. */
const COST_USD = tokensCostUsd(
  { inputTokens: 500, cachedInputTokens: 0, outputTokens: 800 },
  { inputUsdPerMillion: 3, cachedInputUsdPerMillion: 0.3, outputUsdPerMillion: 15 },
);
const VALUE_USD = latencyValueUsd(0.08, 0.8);

const price = fc.double({ min: 1e-9, max: 1e3, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('the published rule', () => {
  it('agrees with P >= (2 - alpha) / (1 + r) at each of 101,505 grid points, decided in whole numbers', () => {
    let mismatches = 0;
    let ties = 0;
    let points = 0;
    for (const tenthsOfR of [5, 10, 20, 47, 100]) {
      for (let hundredthsOfP = 0; hundredthsOfP <= 100; hundredthsOfP++) {
        for (let alphaIn200 = 0; alphaIn200 <= 200; alphaIn200++) {
          const margin = hundredthsOfP * (10 + tenthsOfR) * 200 - (400 - alphaIn200) * 1000;
          const decided = shouldSpeculate(hundredthsOfP / 100, (tenthsOfR / 10) * 0.0135, 0.0135, alphaIn200 / 200);
          points += 1;
          if (margin === 0) ties += 1;
          if (decided !== margin >= 0) mismatches += 1;
        }
      }
    }
    expect({ points, mismatches }).toEqual({ points: 101_505, mismatches: 0 });
    expect(ties).toBeGreaterThan(50);
  });

  it.each(THRESHOLDS)(
    'flips at the reference probabilities when a launch is worth %d times its cost',
    (r, thresholds) => {
      for (const [index, alpha] of ALPHAS.entries()) {
        const exact = (2 - alpha) / (1 + r);
        expect(exact).toBeCloseTo(thresholds[index]!, 4);
        expect(probabilityThreshold(alpha, r, 1)).toBeCloseTo(exact, 12);
        if (exact > 1) expect(shouldSpeculate(1, r, 1, alpha)).toBe(false);
        else expect(Math.abs(flipPoint(alpha, r, 1) - exact)).toBeLessThan(1e-9);
      }
    },
  );

  it('reproduces the worked fixture of a $0.0135 launch worth $0.064', () => {
    expect(COST_USD).toBeCloseTo(0.0135, 15);
    expect(VALUE_USD).toBeCloseTo(0.064, 15);
    const values = [0.1, 0.2, 0.3, 0.5, 0.7, 0.9].map((P) => expectedValueUsd(P, VALUE_USD, COST_USD));
    expect(values.map((value) => value.toFixed(5))).toEqual([
      '-0.00575',
      '0.00200',
      '0.00975',
      '0.02525',
      '0.04075',
      '0.05625',
    ]);
    const thresholds = ALPHAS.map((alpha) => probabilityThreshold(alpha, VALUE_USD, COST_USD));
    expect(thresholds.map((P) => P.toFixed(4))).toEqual(['0.3484', '0.3048', '0.2613', '0.2177', '0.1742']);
    expect(thresholds.map((P) => (1 / P).toFixed(3))).toEqual(['2.870', '3.280', '3.827', '4.593', '5.741']);
  });

  it.each([4.7, 4.72, 4.7499])('limits itself to 5, 3 and 2 equally likely branches at r = %d', (r) => {
    const lastSpeculated = (alpha: number): number =>
      Array.from({ length: 12 }, (_, index) => index + 1)
        .filter((k) => shouldSpeculate(1 / k, r, 1, alpha))
        .at(-1)!;
    expect([1, 0.5, 0].map(lastSpeculated)).toEqual([5, 3, 2]);
    const criticalBranches = [1, 0.5, 0].map((alpha) => 1 / probabilityThreshold(alpha, r, 1));
    expect(criticalBranches.map((k) => k.toFixed(1))).toEqual(['5.7', '3.8', '2.9']);
  });

  it('is wasteful by input plus the emitted share of the output when a launch is cut off', () => {
    const rates = { inputUsdPerMillion: 3, cachedInputUsdPerMillion: 0.3, outputUsdPerMillion: 15 };
    const waste = [0, 0.25, 0.5, 0.75, 1].map((emitted) =>
      tokensCostUsd({ inputTokens: 500, cachedInputTokens: 0, outputTokens: 800 * emitted }, rates),
    );
    expect(waste.map((usd) => usd.toFixed(4))).toEqual(['0.0015', '0.0045', '0.0075', '0.0105', '0.0135']);
  });

  it('charges cached input at its own rate', () => {
    const rates = { inputUsdPerMillion: 3, cachedInputUsdPerMillion: 0.3, outputUsdPerMillion: 15 };
    expect(tokensCostUsd({ inputTokens: 500, cachedInputTokens: 400, outputTokens: 0 }, rates)).toBeCloseTo(
      0.00042,
      15,
    );
  });

  it('recovers the implied lambda from the probability at which it flips', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 10, noNaN: true }), share, (lambda, alpha) => {
        const savedSeconds = 0.8;
        const P = probabilityThreshold(alpha, latencyValueUsd(lambda, savedSeconds), 0.0135);
        const implied = (0.0135 * (2 - alpha - P)) / (P * savedSeconds);
        expect(Math.abs(implied / lambda - 1)).toBeLessThan(1e-9);
      }),
    );
  });

  it('only turns towards a launch when probability, value or alpha grow or cost falls', () => {
    const grow = fc.double({ min: 1, max: 10, noNaN: true });
    fc.assert(
      fc.property(share, price, price, share, grow, share, (P, L, C, alpha, factor, step) => {
        if (!shouldSpeculate(P, L, C, alpha)) return;
        expect(shouldSpeculate(P + (1 - P) * step, L, C, alpha)).toBe(true);
        expect(shouldSpeculate(P, L * factor, C, alpha)).toBe(true);
        expect(shouldSpeculate(P, L, C / factor, alpha)).toBe(true);
        expect(shouldSpeculate(P, L, C, alpha + (1 - alpha) * step)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('always takes a launch that costs nothing', () => {
    fc.assert(fc.property(share, price, share, (P, L, alpha) => shouldSpeculate(P, L, 0, alpha)));
    expect(shouldSpeculate(0, 0, 0, 0)).toBe(true);
  });

  it('never speculates when even certainty is not worth the threshold', () => {
    fc.assert(
      fc.property(share, price, price, share, (P, L, C, alpha) => {
        fc.pre(L < thresholdUsd(alpha, C) * 0.999);
        expect(shouldSpeculate(P, L, C, alpha)).toBe(false);
      }),
    );
  });

  it('holds when a number is missing', () => {
    expect([NaN, 1].map((P) => shouldSpeculate(P, NaN, 1, 1))).toEqual([false, false]);
  });
});

function flipPoint(alpha: number, L: number, C: number): number {
  let [hold, speculate] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (hold + speculate) / 2;
    if (shouldSpeculate(middle, L, C, alpha)) speculate = middle;
    else hold = middle;
  }
  return speculate;
}
