/** A log-normal distribution of seconds in which nothing takes longer than `capSeconds`. */
export interface LogNormal {
  medianSeconds: number;
  /** Spread of the logarithm. */
  sigma: number;
  capSeconds: number;
}

/** 97.5 % of a standard normal distribution lie below it. */
const UPPER_Z = 1.959964;

/** The log-normal of which 95 % lie in a published range, as much of the rest below as above. */
export function withinRange(lowSeconds: number, highSeconds: number): LogNormal {
  return {
    medianSeconds: Math.sqrt(lowSeconds * highSeconds),
    sigma: Math.log(highSeconds / lowSeconds) / (2 * UPPER_Z),
    capSeconds: Infinity,
  };
}

/** What is published of a distribution with a heavy tail. */
export interface PublishedTail {
  thresholdSeconds: number;
  /** Share of the calls that take longer. */
  shareOfCalls: number;
  /** Share of the time of all calls that those take. */
  shareOfTime: number;
}

/**
 * The log-normal with a published tail: P(T > t) = 1 - Phi(z) and E[T; T > t] / E[T] = Phi(sigma - z) with z = ln(t / median) / sigma.
 *
 * @param capSeconds that nothing takes longer than, which makes the tail lighter than the published one
 */
export function withTail(
  { thresholdSeconds, shareOfCalls, shareOfTime }: PublishedTail,
  capSeconds = Infinity,
): LogNormal {
  const z = normalQuantile(1 - shareOfCalls);
  const sigma = z + normalQuantile(shareOfTime);
  return { medianSeconds: thresholdSeconds * Math.exp(-z * sigma), sigma, capSeconds };
}

/** The seconds that a share of the calls stays below. */
export function quantileSeconds({ medianSeconds, sigma, capSeconds }: LogNormal, share: number): number {
  return Math.min(capSeconds, medianSeconds * Math.exp(sigma * normalQuantile(share)));
}

export function meanSeconds(of: LogNormal): number {
  const { medianSeconds, sigma, capSeconds } = of;
  if (capSeconds === Infinity) return secondsBelow(of, Infinity);
  return secondsBelow(of, capSeconds) + capSeconds * (1 - normalShare(Math.log(capSeconds / medianSeconds) / sigma));
}

/** Share of the time of all calls that calls above a threshold take. */
export function timeShareAbove(of: LogNormal, thresholdSeconds: number): number {
  return 1 - secondsBelow(of, thresholdSeconds) / meanSeconds(of);
}

/** E[T; T < bound] of the distribution without its cap. */
function secondsBelow({ medianSeconds, sigma }: LogNormal, boundSeconds: number): number {
  const mean = medianSeconds * Math.exp((sigma * sigma) / 2);
  return mean * normalShare(Math.log(boundSeconds / medianSeconds) / sigma - sigma);
}

/** Share of a standard normal distribution below z: Abramowitz and Stegun 7.1.26, exact to 1e-7. */
function normalShare(z: number): number {
  if (z === Infinity) return 1;
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const above = (series * Math.exp(-x * x)) / 2;
  return z < 0 ? above : 1 - above;
}

function normalQuantile(share: number): number {
  return bisect(-9, 9, (z) => normalShare(z) - share);
}

/** Where a rising function is 0. */
function bisect(from: number, to: number, rising: (x: number) => number): number {
  let [low, high] = [from, to];
  for (let step = 0; step < 45; step += 1) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
