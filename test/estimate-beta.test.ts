import fc from 'fast-check';
import { betaDistribution, betaQuantile, logGamma } from '../speculation/estimate/beta-distribution';
import { countOutcome, credibleInterval, forecastProbability, posterior } from '../speculation/estimate/beta-posterior';
import { seededRandom } from '../bench/scenarios/seeded-random';

describe('the Beta distribution', () => {
  it.each([
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [1, 0],
    [2, 0],
    [5, Math.log(24)],
    [10.5, 13.940625219403763],
    [100, 359.1342053695754],
    [0.001, 6.907178885383854],
  ])('has ln Gamma(%d) = %d', (x, expected) => {
    expect(logGamma(x)).toBeCloseTo(expected, 10);
  });

  // Binomial tails in exact rational arithmetic.
  it.each([
    [0.3, 2, 5, 0.579825],
    [0.7, 80, 40, 0.7780611870649179],
    [0.5, 10, 10, 0.5],
    [0.01, 1, 20, 0.1820930624027691],
    [0.95, 96, 6, 0.606998236592619],
    [0.28, 300, 700, 0.082390976510590239],
    [0.999, 500, 2, 0.9095684172917775],
    [0.4, 3000, 4600, 0.8261079684200288],
  ])('has I_%d(%d, %d) = %d to 1e-10', (x, a, b, expected) => {
    expect(Math.abs(betaDistribution(x, a, b) - expected)).toBeLessThan(1e-10);
    expect(Math.abs(betaDistribution(1 - x, b, a) - (1 - expected))).toBeLessThan(1e-10);
    expect(Math.abs(betaQuantile(expected, a, b) - x)).toBeLessThan(1e-10);
  });

  it('follows its closed forms to 1e-10', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-4, max: 0.9999, noNaN: true }),
        fc.double({ min: 0.05, max: 50, noNaN: true }),
        (x, n) => {
          expect(Math.abs(betaDistribution(x, n, 1) - x ** n)).toBeLessThan(1e-10);
          expect(Math.abs(betaDistribution(x, 1, n) - (1 - (1 - x) ** n))).toBeLessThan(1e-10);
          expect(Math.abs(betaDistribution(x, 2, 2) - (3 * x * x - 2 * x ** 3))).toBeLessThan(1e-10);
          expect(Math.abs(betaDistribution(x, 0.5, 0.5) - (2 / Math.PI) * Math.asin(Math.sqrt(x)))).toBeLessThan(1e-10);
        },
      ),
    );
  });

  it('rises from 0 to 1, and its quantile is its inverse', () => {
    const parameter = fc.double({ min: 1, max: 20_000, noNaN: true });
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(parameter, parameter, share, share, (a, b, p, q) => {
        const x = betaQuantile(p, a, b);
        expect(x).toBeGreaterThan(0);
        expect(x).toBeLessThan(1);
        expect(Math.abs(betaDistribution(x, a, b) - p)).toBeLessThan(1e-9);
        // Shares that differ by a rounding error have quantiles that differ by one, in either direction.
        if (q - p > 1e-12) expect(betaQuantile(q, a, b)).toBeGreaterThanOrEqual(x);
      }),
    );
  });

  it('is all at 1 for Beta(a, 0) and all at 0 for Beta(0, b)', () => {
    expect([0.1, 0.5, 0.9].map((p) => betaQuantile(p, 2, 0))).toEqual([1, 1, 1]);
    expect([0.1, 0.5, 0.9].map((p) => betaQuantile(p, 0, 2))).toEqual([0, 0, 0]);
    expect([betaDistribution(0.5, 2, 0), betaDistribution(1, 2, 0), betaDistribution(0, 0, 2)]).toEqual([0, 1, 1]);
  });
});

describe('the 90 % interval of a posterior', () => {
  // 2,000 runs have a standard error of 0.67 %; the discreteness of 300 draws adds less than 1 %.
  it.each([0.3, 0.5, 0.7, 0.9])('covers a true P of %d in 88 to 92 % of 2,000 seeds', (truth) => {
    let covered = 0;
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = seededRandom(seed * 7_919);
      let successes = 0;
      for (let draw = 0; draw < 300; draw++) if (random() < truth) successes += 1;
      const edge = posterior({ mean: 0.5, strength: 2 }, { successes, failures: 300 - successes });
      const { low, high } = credibleInterval(edge, 0.9);
      if (low <= truth && truth <= high) covered += 1;
    }
    expect(covered / 2_000).toBeGreaterThanOrEqual(0.88);
    expect(covered / 2_000).toBeLessThanOrEqual(0.92);
  });
});

describe('pooling from edge to bucket to context', () => {
  const prior = { type: 'unknown', k: null, mean: 0.5, strength: 2 };
  const edge = { successes: 8, failures: 0 };

  it('starts a new tenant where its edge stands', () => {
    const known = forecastProbability(prior, edge, null);
    expect(forecastProbability(prior, edge, null, { successes: 0, failures: 0 }).probability).toBeCloseTo(
      known.probability,
      12,
    );
    expect(known.probability).toBe(0.9);
  });

  it('counts the edge as prior.strength observations of a bucket', () => {
    expect(forecastProbability(prior, edge, null, { successes: 1, failures: 3 })).toEqual({
      a: 2 * 0.9 + 1,
      b: expect.closeTo(2 * 0.1 + 3, 12),
      probability: expect.closeTo(2.8 / 6, 12),
    });
    const patient = { ...prior, strength: 20 };
    const pooled = (20 * 0.5 + 8) / 28;
    expect(forecastProbability(patient, edge, null, { successes: 0, failures: 20 }).probability).toBeCloseTo(
      (20 * pooled) / 40,
      12,
    );
  });

  it('makes the bucket in turn the prior of the context', () => {
    const bucket = (2 * 0.9 + 1) / 6;
    expect(
      forecastProbability(prior, edge, { hits: 3, total: 4 }, { successes: 1, failures: 3 }).probability,
    ).toBeCloseTo((2 * bucket + 3) / 6, 12);
  });

  it('decides by the lower credible bound where that is declared, which nears the mean with what was seen', () => {
    const careful = { ...prior, credibleBound: 0.9 };
    const few = forecastProbability(careful, { successes: 8, failures: 2 }, null);
    const many = forecastProbability(careful, { successes: 8_000, failures: 2_000 }, null);
    expect(betaDistribution(few.probability, few.a, few.b)).toBeCloseTo(0.1, 9);
    expect(few.probability).toBeLessThan(0.62);
    expect(many.probability).toBeGreaterThan(0.79);
    expect(many.probability).toBeLessThan(0.8);
    expect(
      forecastProbability({ type: 'router_k_way', k: 1, mean: 1, strength: 2, credibleBound: 0.9 }, undefined, null),
    ).toMatchObject({ probability: 1 });
  });
});

describe('forgetting', () => {
  it('makes an observation count half after half-life more of them', () => {
    const outcomes = { successes: 0, failures: 0 };
    countOutcome(outcomes, true, 10);
    for (let n = 0; n < 10; n++) countOutcome(outcomes, false, 10);
    expect(outcomes.successes).toBeCloseTo(0.5, 5);
  });

  it('follows a change within a few half-lives, and without it nothing is forgotten', () => {
    const forgetful = { successes: 0, failures: 0 };
    const faithful = { successes: 0, failures: 0 };
    for (let n = 0; n < 1_000; n++) {
      countOutcome(forgetful, n < 900, 20);
      countOutcome(faithful, n < 900);
    }
    expect(faithful).toEqual({ successes: 900, failures: 100 });
    expect(forgetful.successes / (forgetful.successes + forgetful.failures)).toBeLessThan(0.04);
    expect(forgetful.successes + forgetful.failures).toBeLessThan(1 / (1 - 2 ** (-1 / 20)) + 1);
  });
});
