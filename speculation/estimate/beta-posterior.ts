import { betaQuantile } from './beta-distribution';
import type { DependencyPrior } from './dependency-type';

/** How often forecasts of one source and rank came true on one edge; not whole numbers where old outcomes are forgotten. */
export interface Outcomes {
  successes: number;
  failures: number;
}

/** Beta(a, b) and its mean. */
export interface Posterior {
  a: number;
  b: number;
  mean: number;
}

/** The conjugate update: Beta(a, b) after s successes and f failures is Beta(a + s, b + f), with the mean (a + s) / (a + b + s + f). */
export function posterior(
  prior: Pick<DependencyPrior, 'mean' | 'strength'>,
  { successes, failures }: Outcomes,
): Posterior {
  const a = prior.strength * prior.mean + successes;
  const b = prior.strength * (1 - prior.mean) + failures;
  return { a, b, mean: a / (a + b) };
}

/** The interval that a posterior puts its middle `mass` into, with equal tails. */
export function credibleInterval({ a, b }: Pick<Posterior, 'a' | 'b'>, mass: number): { low: number; high: number } {
  const tail = (1 - mass) / 2;
  return { low: betaQuantile(tail, a, b), high: betaQuantile(1 - tail, a, b) };
}

/**
 * Probability that a forecast is right, from wide to narrow: edge, then the bucket of traffic that it belongs to (such as its tenant), then
 * the context that its source counted in (`history`: this value was the output in `hits` of `total` runs). Each posterior is the prior of
 * the next, worth `prior.strength` observations, so a new tenant starts where its edge stands, and what was seen often speaks for itself.
 *
 * The probability is the mean of Beta(a, b), or with `prior.credibleBound` the bound that it exceeds with that credibility. The pooling
 * and the bound are PROPOSED, Runahead's own.
 */
export function forecastProbability(
  prior: DependencyPrior,
  observed: Outcomes | undefined,
  counts: { hits: number; total: number } | null,
  bucket?: Outcomes,
): { a: number; b: number; probability: number } {
  let last = posterior(prior, observed ?? { successes: 0, failures: 0 });
  const { strength, credibleBound } = prior;
  if (bucket !== undefined) last = posterior({ mean: last.mean, strength }, bucket);
  if (counts !== null) {
    const { hits, total } = counts;
    last = posterior({ mean: last.mean, strength }, { successes: hits, failures: total - hits });
  }
  const { a, b, mean } = last;
  return { a, b, probability: credibleBound === undefined ? mean : betaQuantile(1 - credibleBound, a, b) };
}

/**
 * Counts one more outcome, in place. With a half-life of n observations, everything before it counts 2^(-1/n) of what it did: after n more
 * observations half. PROPOSED, Runahead's own.
 */
export function countOutcome(outcomes: Outcomes, success: boolean, halfLife?: number): void {
  if (halfLife !== undefined) {
    const kept = 2 ** (-1 / halfLife);
    outcomes.successes = shortened(outcomes.successes * kept);
    outcomes.failures = shortened(outcomes.failures * kept);
  }
  if (success) outcomes.successes += 1;
  else outcomes.failures += 1;
}

/** A millionth of an observation is nothing, and every digit would travel in every look-up. */
function shortened(count: number): number {
  return Math.round(count * 1e6) / 1e6;
}
