/*
 * The published rule, arXiv:2606.07846:
 *
 *     EV = P * L - (1 - P) * C          speculate iff EV >= (1 - alpha) * C
 *
 * P: probability that the launch is used, 0 to 1. L: latency value, US dollars. C: cost of the launch, US dollars.
 * A used launch costs nothing extra, because the call had to be paid for anyway; only an unused one wastes C.
 */

/**
 * Relative tolerance of the comparison. On the boundary the rule speculates; a few roundings of 64-bit floats must not
 * turn an exact tie into a refusal. Far below anything that a price or a probability can resolve.
 */
const TIE = 1e-12;

/** EV in US dollars. */
export function expectedValueUsd(P: number, L: number, C: number): number {
  return P * L - (1 - P) * C;
}

/** What EV must reach, US dollars: (1 - alpha) * C. */
export function thresholdUsd(alpha: number, C: number): number {
  return (1 - alpha) * C;
}

/** The rule. False whenever a number is missing (NaN). */
export function shouldSpeculate(P: number, L: number, C: number, alpha: number): boolean {
  return expectedValueUsd(P, L, C) - thresholdUsd(alpha, C) >= -TIE * (P * L + C);
}
