import { pick } from '../scenarios/seeded-random';
import { randomStream, standardNormal, type Random } from './random-stream';

/** A distribution of non-negative numbers: seconds, tokens, dollars. */
export interface Distribution {
  readonly mean: number;
  sample(random: Random): number;
  /**
   * The distribution as `n` equally likely values, ascending, whose mean is its mean as nearly as `n` points allow: what a decision is
   * told about it.
   *
   * @default 16 points
   */
  points(n?: number): number[];
}

/** A parameter that no distribution has. */
export class InvalidDistributionError extends Error {
  readonly code = 'RUNAHEAD_INVALID_DISTRIBUTION';
  override readonly name = 'InvalidDistributionError';

  constructor(field: string, value: unknown, wayOut: string) {
    super(`distribution: ${field} is ${String(value)}; ${wayOut}`);
  }
}

export function constant(value: number): Distribution {
  requireAmount('value', value);
  return { mean: value, sample: () => value, points: () => [value] };
}

/** Exp(1 / mean). */
export function exponential(mean: number): Distribution {
  requireAmount('mean', mean);
  return fromQuantile(mean, (share) => -mean * Math.log1p(-share));
}

/** Given by its mean and the spread of its logarithm. */
export function lognormal({ mean, sigma }: { mean: number; sigma: number }): Distribution {
  requireAmount('mean', mean);
  requireAmount('sigma', sigma);
  const mu = Math.log(mean) - (sigma * sigma) / 2;
  return fromSamples(mean, (random) => Math.exp(mu + sigma * standardNormal(random)));
}

/** Given by its mean and its shape; shape 1 is exponential, a large shape nearly constant. Sampled by Marsaglia and Tsang. */
export function gamma({ mean, shape }: { mean: number; shape: number }): Distribution {
  requireAmount('mean', mean);
  if (!(Number.isFinite(shape) && shape > 0)) {
    throw new InvalidDistributionError('shape', shape, 'use a finite number above 0');
  }
  const scale = mean / shape;
  return fromSamples(mean, (random) => scale * standardGamma(shape, random));
}

/**
 * Measured values, all equally likely, with linear interpolation between neighbours: quantiles such as the deciles of a published trace.
 *
 * @param quantiles at equal distances, the first at share 0 and the last at share 1; at least one
 */
export function empirical(quantiles: readonly number[]): Distribution {
  const first = quantiles[0];
  if (first === undefined) throw new InvalidDistributionError('quantiles', '[]', 'give at least one value');
  for (const value of quantiles) requireAmount('a quantile', value);
  const ascending = [...quantiles].sort((left, right) => left - right);
  const at = (index: number): number => ascending[Math.min(index, ascending.length - 1)] ?? first;
  const steps = ascending.length - 1;
  const areas = ascending.slice(0, -1).map((value, index) => (value + at(index + 1)) / 2);
  const mean = steps === 0 ? first : areas.reduce((sum, area) => sum + area, 0) / steps;
  return fromQuantile(mean, (share) => {
    const below = Math.floor(share * steps);
    return at(below) + (at(below + 1) - at(below)) * (share * steps - below);
  });
}

/** One of several distributions, as often as its weight says: a slow tail, or a cache that sometimes hits. */
export function mixture(parts: readonly { weight: number; of: Distribution }[]): Distribution {
  for (const { weight } of parts) requireAmount('weight', weight);
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0)) throw new InvalidDistributionError('the sum of the weights', total, 'give at least one above 0');
  const mean = parts.reduce((sum, { weight, of }) => sum + (weight / total) * of.mean, 0);
  const distributions = parts.map(({ of }) => of);
  const weights = parts.map(({ weight }) => weight);
  return fromSamples(mean, (random) => pick(random, distributions, weights).sample(random));
}

const DEFAULT_POINTS = 16;
const SAMPLES_A_POINT = 256;

function fromQuantile(mean: number, quantile: (share: number) => number): Distribution {
  return {
    mean,
    sample: (random) => quantile(random()),
    points: (n = DEFAULT_POINTS) => {
      const finer = Array.from({ length: n * SAMPLES_A_POINT }, (_, i) => quantile((i + 0.5) / (n * SAMPLES_A_POINT)));
      return meansOfSlices(finer, n);
    },
  };
}

/** Where no formula gives the quantiles: from samples of a stream that is always the same. */
function fromSamples(mean: number, sample: (random: Random) => number): Distribution {
  return {
    mean,
    sample,
    points: (n = DEFAULT_POINTS) => {
      const random = randomStream(1, 'points');
      const samples = Array.from({ length: n * SAMPLES_A_POINT }, () => sample(random));
      return meansOfSlices(
        samples.sort((left, right) => left - right),
        n,
      );
    },
  };
}

function meansOfSlices(ascending: readonly number[], slices: number): number[] {
  const size = ascending.length / slices;
  return Array.from({ length: slices }, (_, index) => {
    const slice = ascending.slice(index * size, (index + 1) * size);
    return slice.reduce((sum, value) => sum + value, 0) / slice.length;
  });
}

function standardGamma(shape: number, random: Random): number {
  if (shape < 1) return standardGamma(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = standardNormal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

function requireAmount(field: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new InvalidDistributionError(field, value, 'use a finite number of at least 0');
}
