import { randomStream } from '../simulator/random-stream';
import type { Interval } from './policy-comparison';

const RESAMPLES = 2_000;

/**
 * A figure of independent units, with its 95 % percentile bootstrap interval: the figure of as many units drawn with replacement, again and
 * again. Pass pairs (plain and run ahead of the same unit) as one unit each, so that they stay together.
 *
 * @param figure of a sample of the units
 * @throws RangeError without units
 */
export function bootstrap<Unit>(
  units: readonly Unit[],
  figure: (sample: readonly Unit[]) => number,
  seed: number,
): Interval {
  if (units.length === 0) throw new RangeError('a bootstrap needs at least one unit');
  const random = randomStream(seed, 'bootstrap', 0);
  const figures = Array.from({ length: RESAMPLES }, () =>
    figure(units.map(() => units[Math.floor(random() * units.length)] as Unit)),
  ).sort((left, right) => left - right);
  const at = (share: number): number => figures[Math.round(share * (RESAMPLES - 1))] as number;
  return { value: figure(units), low: at(0.025), high: at(0.975) };
}
