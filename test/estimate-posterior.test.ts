import fc from 'fast-check';
import { forecastProbability, posterior } from '../speculation/estimate/beta-posterior';
import { InvalidDependencyError, resolveDependency } from '../speculation/estimate/dependency-type';

const mean = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const strength = fc.double({ min: 0.1, max: 100, noNaN: true });
const prior = fc.record({ type: fc.constant('unknown'), k: fc.constant(null), mean, strength });
const outcomes = fc.record({ successes: fc.nat(10_000), failures: fc.nat(10_000) });

describe('the posterior', () => {
  it('is Beta(a + s, b + f) with its mean', () => {
    const uniform = { type: 'unknown', k: null, mean: 0.5, strength: 2 };
    expect(posterior(uniform, { successes: 0, failures: 0 })).toEqual({ a: 1, b: 1, mean: 0.5 });
    expect(posterior(uniform, { successes: 7, failures: 3 })).toEqual({ a: 8, b: 4, mean: 8 / 12 });
  });

  it('rises with a success, falls with a failure and stays between prior and observed share', () => {
    fc.assert(
      fc.property(prior, outcomes, (start, { successes, failures }) => {
        const now = posterior(start, { successes, failures });
        expect(posterior(start, { successes: successes + 1, failures }).mean).toBeGreaterThan(now.mean);
        expect(posterior(start, { successes, failures: failures + 1 }).mean).toBeLessThan(now.mean);
        const observed = successes + failures === 0 ? start.mean : successes / (successes + failures);
        expect(now.mean).toBeGreaterThanOrEqual(Math.min(start.mean, observed) - 1e-12);
        expect(now.mean).toBeLessThanOrEqual(Math.max(start.mean, observed) + 1e-12);
      }),
    );
  });

  it('has the spread of a Beta(1, 1) after 50, 100 and 500 draws at p = 0.7', () => {
    const uniform = { type: 'unknown', k: null, mean: 0.5, strength: 2 };
    const spreads = [50, 100, 500].map((draws) => {
      const { a, b } = posterior(uniform, { successes: 0.7 * draws, failures: 0.3 * draws });
      return Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1)));
    });
    expect(spreads.map((spread) => spread.toFixed(3))).toEqual(['0.063', '0.045', '0.020']);
  });

  it('covers the true probability about as often as it says, over many seeded runs', () => {
    const random = seededRandom(20_260_605);
    const uniform = { type: 'unknown', k: null, mean: 0.5, strength: 2 };
    let covered = 0;
    for (let run = 0; run < 1_000; run++) {
      let successes = 0;
      for (let draw = 0; draw < 200; draw++) if (random() < 0.7) successes += 1;
      const { a, b, mean: centre } = posterior(uniform, { successes, failures: 200 - successes });
      const spread = Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1)));
      if (Math.abs(centre - 0.7) <= 1.96 * spread) covered += 1;
    }
    expect(covered / 1_000).toBeGreaterThan(0.93);
    expect(covered / 1_000).toBeLessThan(0.97);
  });
});

describe('the probability of a forecast', () => {
  const uniform = { type: 'unknown', k: null, mean: 0.5, strength: 2 };

  it('is the posterior of its edge where the source does not count', () => {
    expect(forecastProbability(uniform, { successes: 8, failures: 0 }, null)).toEqual({ a: 9, b: 1, probability: 0.9 });
    expect(forecastProbability(uniform, undefined, null)).toEqual({ a: 1, b: 1, probability: 0.5 });
  });

  it('pools a context upward to its edge: nothing seen is the edge, much seen is the context', () => {
    const edge = { successes: 8, failures: 0 };
    expect(forecastProbability(uniform, edge, { hits: 0, total: 0 }).probability).toBeCloseTo(0.9, 12);
    const context = forecastProbability(uniform, edge, { hits: 1, total: 4 });
    expect(context).toEqual({ a: 2.8, b: 3.2, probability: 2.8 / 6 });
    expect(forecastProbability(uniform, edge, { hits: 100, total: 1_000 }).probability).toBeCloseTo(0.1, 2);
  });

  it('is a probability, and rises with the hits of its context', () => {
    fc.assert(
      fc.property(prior, outcomes, fc.nat(1_000), fc.nat(1_000), (start, observed, hits, misses) => {
        const counts = { hits, total: hits + misses };
        const { a, b, probability } = forecastProbability(start, observed, counts);
        expect(probability).toBeGreaterThanOrEqual(0);
        expect(probability).toBeLessThanOrEqual(1);
        expect(probability).toBeCloseTo(a / (a + b), 12);
        const more = forecastProbability(start, observed, { hits: hits + 1, total: hits + misses + 1 });
        expect(more.probability).toBeGreaterThanOrEqual(probability);
      }),
    );
  });
});

describe('a dependency type', () => {
  it('gives a router with k branches the mean 1/k', () => {
    expect(resolveDependency({ type: 'router_k_way', k: 4 })).toEqual({
      type: 'router_k_way',
      k: 4,
      mean: 0.25,
      strength: 2,
    });
    expect(resolveDependency({ type: 'router_k_way', k: 1, strength: 5 })).toMatchObject({ mean: 1, strength: 5 });
  });

  it('gives the others their proposed means, which a declaration may override', () => {
    const types = ['verifier', 'deterministic', 'repeated_context', 'open_text', 'unknown'];
    expect(types.map((type) => resolveDependency({ type }).mean)).toEqual([0.8, 0.95, 0.5, 0.1, 0.5]);
    expect(resolveDependency({ type: 'verifier', mean: 0.6 })).toEqual({
      type: 'verifier',
      k: null,
      mean: 0.6,
      strength: 2,
    });
  });

  it.each<[Parameters<typeof resolveDependency>[0], RegExp]>([
    [{ type: 'router' }, /type is "router"; known types: router_k_way, deterministic, verifier/],
    [{ type: 'router_k_way' }, /k is undefined; router_k_way needs the number of branches/],
    [{ type: 'router_k_way', k: 0 }, /k is 0;/],
    [{ type: 'router_k_way', k: 2.5 }, /k is 2.5;/],
    [{ type: 'router_k_way', k: 2, mean: 0.5 }, /mean is 0.5; router_k_way has the mean 1\/k/],
    [{ type: 'verifier', k: 2 }, /k is 2; only router_k_way has branches/],
    [{ type: 'verifier', mean: 1 }, /mean is 1; use a probability between 0 and 1/],
    [{ type: 'verifier', mean: NaN }, /mean is NaN/],
    [{ type: 'verifier', strength: 0 }, /strength is 0; use a finite number above 0/],
    [{ type: 'verifier', strength: Infinity }, /strength is Infinity/],
  ])('%j is refused by field, value and way out', (declaration, message) => {
    expect(() => resolveDependency(declaration)).toThrow(InvalidDependencyError);
    expect(() => resolveDependency(declaration)).toThrow(message);
  });
});

/** mulberry32 */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
