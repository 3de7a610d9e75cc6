/*
 * Whether launches lose money, tested so that noise does not look like a loss. Around break-even half of all rolling sums are below zero
 * by chance alone, so "the rolling value is negative" would stop a sound edge sooner or later with certainty. PROPOSED, Runahead's own.
 */

/** Mean and variance of the realised values of about the latest launches, older ones counting less; plain JSON. */
export interface RollingValue {
  count: number;
  meanUsd: number;
  varianceUsd: number;
}

export interface ValueTestSettings {
  /** Launches that the mean is taken over, at least 20. */
  launches: number;
  /** Standard errors that the mean must be below zero. */
  deviations: number;
}

export function noRollingValue(): RollingValue {
  return { count: 0, meanUsd: 0, varianceUsd: 0 };
}

/** Takes in what one launch brought, in place. Returns whether the mean is below zero by more than noise explains. */
export function losesMoney(
  value: RollingValue,
  realisedUsd: number,
  { launches, deviations }: ValueTestSettings,
): boolean {
  value.count += 1;
  const weight = Math.max(1 / value.count, 1 / launches);
  const difference = realisedUsd - value.meanUsd;
  value.meanUsd += weight * difference;
  value.varianceUsd = (1 - weight) * (value.varianceUsd + weight * difference * difference);
  if (value.count < launches) return false;
  // The mean of n values that count for 1, 1 - 1/n, (1 - 1/n)^2, ... has the variance of a mean of 2n - 1.
  return value.meanUsd + deviations * Math.sqrt(value.varianceUsd / (2 * launches - 1)) < 0;
}
