import type { DependencyPrior } from './dependency-type';

/** How often forecasts of one source and rank came true on one edge. */
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
export function posterior(prior: DependencyPrior, { successes, failures }: Outcomes): Posterior {
  const a = prior.strength * prior.mean + successes;
  const b = prior.strength * (1 - prior.mean) + failures;
  return { a, b, mean: a / (a + b) };
}

/**
 * Probability that a forecast is right: the posterior mean of its edge, source and rank.
 *
 * Where the source counts (`history`: this value was the output in `hits` of `total` runs of this context), the edge posterior in turn
 * is the prior of the context, worth `prior.strength` observations: a context seen rarely is pooled upward to its edge, one seen
 * often speaks for itself. This pooling is Runahead's own, not the paper's.
 */
export function forecastProbability(
  prior: DependencyPrior,
  observed: Outcomes | undefined,
  counts: { hits: number; total: number } | null,
): { a: number; b: number; probability: number } {
  const edge = posterior(prior, observed ?? { successes: 0, failures: 0 });
  if (!counts) return { a: edge.a, b: edge.b, probability: edge.mean };
  const { hits, total } = counts;
  const context = posterior({ ...prior, mean: edge.mean }, { successes: hits, failures: total - hits });
  return { a: context.a, b: context.b, probability: context.mean };
}
