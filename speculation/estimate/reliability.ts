/** Predictions that lie in one tenth of 0 to 1, and what became of them. */
export interface ReliabilityBin {
  count: number;
  probabilitySum: number;
  successes: number;
}

/** How predicted probabilities compare with what happened, as plain JSON: a reliability diagram with ten bins. */
export interface Reliability {
  count: number;
  /** Sum of (probability - outcome)^2. */
  squaredErrorSum: number;
  /** Ten, from 0 to 1; null where nothing was predicted. */
  bins: (ReliabilityBin | null)[];
}

const BINS = 10;

export function noReliability(): Reliability {
  return { count: 0, squaredErrorSum: 0, bins: Array.from({ length: BINS }, () => null) };
}

/** Adds one prediction and what became of it, in place. */
export function addPrediction(reliability: Reliability, probability: number, success: boolean): void {
  const index = Math.min(BINS - 1, Math.floor(probability * BINS));
  const bin = (reliability.bins[index] ??= { count: 0, probabilitySum: 0, successes: 0 });
  bin.count += 1;
  bin.probabilitySum += probability;
  if (success) bin.successes += 1;
  reliability.count += 1;
  reliability.squaredErrorSum += (probability - (success ? 1 : 0)) ** 2;
}

/** Brier (1950): mean of (probability - outcome)^2, 0 is best; saying 0.5 always gives 0.25. Null without a prediction. */
export function brierScore({ count, squaredErrorSum }: Reliability): number | null {
  return count === 0 ? null : squaredErrorSum / count;
}

/**
 * Expected calibration error: the mean over all predictions of how far the mean probability of their bin is from the share that came true.
 * 0 is best. Also of a perfect forecaster it is about sqrt(P (1 - P) / n) for n predictions in one bin. Null without a prediction.
 */
export function expectedCalibrationError({ count, bins }: Reliability): number | null {
  if (count === 0) return null;
  let sum = 0;
  for (const bin of bins) if (bin !== null) sum += Math.abs(bin.probabilitySum - bin.successes);
  return sum / count;
}
