import fc from 'fast-check';
import {
  breadthValueUsd,
  byValuePerDollar,
  InvalidQuantityError,
  marginalProbability,
  optimalBreadth,
  valuePerDollar,
  type RankedLaunch,
} from '../speculation/decision';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const dollars = fc.double({ min: 0, max: 10, noNaN: true });

describe('one more candidate for the same edge', () => {
  it('can be right with no more than what its open siblings leave', () => {
    expect(marginalProbability(0.4, [])).toBe(0.4);
    expect(marginalProbability(0.4, [0.5])).toBe(0.4);
    expect(marginalProbability(0.4, [0.5, 0.3])).toBeCloseTo(0.2, 12);
    expect(marginalProbability(0.4, [0.7, 0.7])).toBe(0);
  });

  it('never makes all candidates together likelier than certain', () => {
    fc.assert(
      fc.property(fc.array(share, { maxLength: 6 }), (candidates) => {
        const launched: number[] = [];
        for (const P of candidates) launched.push(marginalProbability(P, launched));
        expect(launched.reduce((sum, P) => sum + P, 0)).toBeLessThanOrEqual(1 + 1e-12);
        expect(launched.every((P, index) => P >= 0 && P <= candidates[index]!)).toBe(true);
      }),
    );
  });
});

describe('the breadth of independent candidates', () => {
  it('is the one of greatest value among all breadths', () => {
    fc.assert(
      fc.property(fc.array(share, { maxLength: 8 }), dollars, dollars, (probabilities, L, C) => {
        const chosen = optimalBreadth(probabilities, L, C);
        const values = [0, ...probabilities.map((_, index) => index + 1)].map((breadth) =>
          breadthValueUsd(probabilities, breadth, L, C),
        );
        expect(values[chosen]!).toBeGreaterThanOrEqual(Math.max(...values) - 1e-9);
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes the likeliest first and stops where one more costs more than it adds', () => {
    expect(optimalBreadth([0.2, 0.5, 0.1], 10, 1)).toBe(2);
    // 10 * 0.2 * 0.5 = 1: a tie is launched; 10 * 0.1 * 0.5 * 0.8 = 0.4 is not.
    expect(breadthValueUsd([0.2, 0.5, 0.1], 2, 10, 1)).toBeCloseTo(4, 12);
    expect(optimalBreadth([0.5, 0.5], 10, 6)).toBe(0);
    expect(optimalBreadth([], 10, 0)).toBe(0);
    expect(optimalBreadth([0, 0], 10, 0)).toBe(2);
  });

  it('only grows with the value of a hit and only shrinks with the price of a candidate', () => {
    fc.assert(
      fc.property(fc.array(share, { maxLength: 8 }), dollars, dollars, dollars, (probabilities, L, C, extra) => {
        expect(optimalBreadth(probabilities, L + extra, C)).toBeGreaterThanOrEqual(optimalBreadth(probabilities, L, C));
        expect(optimalBreadth(probabilities, L, C + extra)).toBeLessThanOrEqual(optimalBreadth(probabilities, L, C));
      }),
    );
  });

  it('refuses what is no probability or no price, by name', () => {
    expect(() => optimalBreadth([0.5, 1.5], 1, 1)).toThrow(InvalidQuantityError);
    expect(() => optimalBreadth([0.5, 1.5], 1, 1)).toThrow(/^probabilities\[1\] is 1.5; use a number from 0 to 1/);
    expect(() => optimalBreadth([0.5], NaN, 1)).toThrow(/^L is NaN/);
    expect(() => breadthValueUsd([0.5], 1, 1, -1)).toThrow(/^C is -1/);
  });
});

describe('the order of launches when slots or budget are short', () => {
  const launch = (id: number, expectedValueUsd: number, speculativeCostUsd: number): RankedLaunch => ({
    id,
    expectedValueUsd,
    speculativeCostUsd,
  });
  const launches = fc.array(
    fc.record({
      id: fc.nat(5),
      expectedValueUsd: fc.oneof(fc.constantFrom(NaN, Infinity, -Infinity), fc.integer({ min: -3, max: 3 })),
      speculativeCostUsd: fc.oneof(fc.constantFrom(NaN, -1, Infinity), fc.integer({ min: 0, max: 3 })),
    }),
    { maxLength: 8 },
  );

  it('is by value per dollar, free ones first', () => {
    const ordered = [launch(1, 4, 4), launch(2, 2, 1), launch(3, 0.1, 0), launch(4, 3, 2), launch(5, 0.2, 0)];
    expect([...ordered].sort(byValuePerDollar).map(({ id }) => id)).toEqual([5, 3, 2, 4, 1]);
  });

  it('puts ties by value and then by number, and what has no usable numbers last', () => {
    const ordered = [launch(4, NaN, 1), launch(3, 1, 1), launch(2, 1, 1), launch(1, 2, 2), launch(0, 1, -1)];
    expect([...ordered].sort(byValuePerDollar).map(({ id }) => id)).toEqual([1, 2, 3, 0, 4]);
  });

  it('does not depend on the order in which the launches come', () => {
    fc.assert(
      fc.property(
        launches.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const key = ({ id, expectedValueUsd, speculativeCostUsd }: RankedLaunch): string =>
            `${id} ${valuePerDollar(expectedValueUsd, speculativeCostUsd)}`;
          expect([...shuffled].sort(byValuePerDollar).map(key)).toEqual([...all].sort(byValuePerDollar).map(key));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('measures what a dollar buys, and says NaN where that cannot be measured: a decision must not throw', () => {
    expect(valuePerDollar(0.03, 0.01)).toBeCloseTo(3, 12);
    expect(valuePerDollar(0, 0)).toBe(Infinity);
    expect(valuePerDollar(-1, 2)).toBe(-0.5);
    expect([valuePerDollar(NaN, 1), valuePerDollar(1, -1), valuePerDollar(1, Infinity)]).toEqual([NaN, NaN, NaN]);
  });
});
