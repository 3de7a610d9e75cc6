import { bootstrap } from '../measure/bootstrap';
import type { Interval, Rate, ReliabilityBin } from '../measure/policy-comparison';
import type { ForecastMoment } from './leave-one-task-out';

/** A share with its interval over tasks, and what it is a share of. */
export interface GradedRate extends Rate {
  interval: Interval;
}

/** Reads of the world. `calculate` and `think` are no reads of anything, see peers.md. */
const READ = /^(get|search|list)[A-Z]/;

export function isRead(tool: string | null): tool is string {
  return tool !== null && READ.test(tool);
}

/** Of the reads, those that were among the first guesses just before: tool and all arguments. */
export function hitRate(moments: readonly ForecastMoment[], top: number, seed: number): GradedRate | null {
  return rate(
    moments.filter(({ tool }) => isRead(tool)),
    ({ guesses }) => guesses.slice(0, top).some(({ right }) => right),
    seed,
  );
}

/** Of the moments with a best guess that is at least so likely, those at which it came true, whatever else came. */
export function precision(moments: readonly ForecastMoment[], least: number, seed: number): GradedRate | null {
  return rate(
    moments.filter(({ guesses: [best] }) => best !== undefined && best.probability >= least),
    ({ guesses: [best] }) => best?.right === true,
    seed,
  );
}

function rate(
  moments: readonly ForecastMoment[],
  isHit: (moment: ForecastMoment) => boolean,
  seed: number,
): GradedRate | null {
  const byTask = new Map<number, Rate>();
  for (const moment of moments) {
    const known = byTask.get(moment.task) ?? { numerator: 0, denominator: 0 };
    known.numerator += isHit(moment) ? 1 : 0;
    known.denominator += 1;
    byTask.set(moment.task, known);
  }
  if (byTask.size === 0) return null;
  const [numerator, denominator] = [moments.filter(isHit).length, moments.length];
  const interval = bootstrap(
    [...byTask.values()],
    (tasks) => sum(tasks.map((task) => task.numerator)) / sum(tasks.map((task) => task.denominator)),
    seed,
  );
  return { numerator, denominator, interval };
}

const BINS = 10;

/** What was predicted and what came true, in bins of equal width; empty ones are left out. */
export function reliabilityBins(moments: readonly ForecastMoment[], top: number): ReliabilityBin[] {
  const guesses = moments.flatMap((moment) => moment.guesses.slice(0, top));
  return Array.from({ length: BINS }, (_, bin) =>
    guesses.filter(({ probability }) => Math.min(BINS - 1, Math.floor(probability * BINS)) === bin),
  ).flatMap((inside) =>
    inside.length === 0
      ? []
      : [
          {
            predicted: sum(inside.map(({ probability }) => probability)) / inside.length,
            observed: { numerator: inside.filter(({ right }) => right).length, denominator: inside.length },
          },
        ],
  );
}

/** Expected calibration error: mean distance between predicted and observed share, each bin by its number of forecasts. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const all = sum(bins.map(({ observed }) => observed.denominator));
  if (all === 0) return 0;
  return sum(
    bins.map(({ predicted, observed }) => Math.abs(predicted * observed.denominator - observed.numerator) / all),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
