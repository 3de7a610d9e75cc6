import fc from 'fast-check';
import { InvalidQuantityError } from '../speculation/decision/quantity';
import { stationaryHitValueUsd } from '../speculation/decision/stationary-hit-value';
import { expectile } from '../speculation/estimate/expectile';
import { runLengths } from '../speculation/estimate/run-length';
import { share } from './support/arbitrary-decision';
import { bisectedHitValue, hitOf } from './support/best-breadth';
import { leastLoss } from './support/least-loss';

const tau = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const dollars = fc.double({ min: 0, max: 10, noNaN: true });
const distribution = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 })
  .filter((weights) => weights.some((weight) => weight > 1e-3));

describe('the expectile of a distribution', () => {
  test('is where the asymmetric square loss is least', () => {
    fc.assert(
      fc.property(distribution, tau, (weights, t) => {
        expect(expectile(weights, t)).toBeCloseTo(leastLoss(weights, t), 5);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is the mean at 0.5 and only grows with tau', () => {
    fc.assert(
      fc.property(distribution, tau, tau, (weights, one, other) => {
        const mass = weights.reduce((sum, weight) => sum + weight, 0);
        const mean = weights.reduce((sum, weight, value) => sum + value * weight, 0) / mass;
        expect(expectile(weights, 0.5)).toBeCloseTo(mean, 9);
        const [cautious, eager] = [Math.min(one, other), Math.max(one, other)];
        expect(expectile(weights, cautious)).toBeLessThanOrEqual(expectile(weights, eager) + 1e-9);
      }),
    );
  });

  test('is the only value there is, whatever tau is', () => {
    expect(expectile([0, 0, 0, 1], 0.9)).toBe(3);
    expect(expectile([1], 0.1)).toBe(0);
  });
});

describe('how many guesses in a row are right', () => {
  test('is geometric, with the rest at the longest', () => {
    fc.assert(
      fc.property(share, fc.nat(40), (p, most) => {
        const lengths = runLengths(p, most);
        expect(lengths).toHaveLength(most + 1);
        expect(lengths.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);
        // P(N >= n) = p^n.
        for (let n = 0; n <= most; n++) {
          expect(lengths.slice(n).reduce((sum, each) => sum + each, 0)).toBeCloseTo(p ** n, 9);
        }
      }),
    );
  });
});

const step = fc.array(share, { maxLength: 4 });

describe('what a hit is worth in the long run', () => {
  test('is the fixed point of l - E max { q Delta - c m }', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), dollars, dollars, (steps, l, c) => {
        expect(stationaryHitValueUsd(steps, l, c)).toBeCloseTo(bisectedHitValue(steps, l, c), 8);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is what is printed where all steps are alike, and never more', () => {
    const printed = (steps: readonly (readonly number[])[], l: number, c: number): number => {
      const most = Math.max(...steps.map((each) => each.length));
      const gains = [0, ...Array.from({ length: most }, (_, index) => index + 1)].map((m) => {
        const q = steps.reduce((sum, each) => sum + hitOf(each, m), 0) / steps.length;
        return (q * l - c * m) / (1 + q);
      });
      return l - Math.max(...gains);
    };
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), dollars, dollars, (steps, l, c) => {
        const alike = steps.slice(0, 1);
        expect(stationaryHitValueUsd(alike, l, c)).toBeCloseTo(printed(alike, l, c), 8);
        expect(stationaryHitValueUsd(steps, l, c)).toBeLessThanOrEqual(printed(steps, l, c) + 1e-9);
      }),
    );
  });

  test('is all of the gain where nothing is worth launching, and half of it where every guess is right and free', () => {
    expect(stationaryHitValueUsd([[0.1]], 1, 0.5)).toBe(1);
    expect(stationaryHitValueUsd([], 1, 0.5)).toBe(1);
    expect(stationaryHitValueUsd([[1]], 1, 0)).toBe(0.5);
  });

  test('refuses what is no probability or no amount, by name', () => {
    expect(() => stationaryHitValueUsd([[1.1]], 1, 1)).toThrow(InvalidQuantityError);
    expect(() => stationaryHitValueUsd([[0.5]], NaN, 1)).toThrow(/^gainUsd is NaN/);
    expect(() => stationaryHitValueUsd([[0.5]], 1, -1)).toThrow(/^candidateUsd is -1/);
  });
});
