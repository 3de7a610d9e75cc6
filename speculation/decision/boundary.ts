import { shouldSpeculate } from './expected-value';
import { requireAmount, requireBranches, requireShare } from './quantity';

/*
 * Where the published rule, EV = (1 - alpha) * C, stands at equality, solved for one unknown at a time. Derived from the rule by algebra;
 * the paper prints the numbers of k_crit (arXiv:2606.07846, section 7.6). P and alpha are shares, L and C US dollars. These are for
 * people, plans and reports, and refuse bad input; a decision uses the functions of expected-value, which never throw.
 */

/**
 * P*(alpha) = (2 - alpha) * C / (L + C): the least P at which the rule speculates. Above 1 it never does. 0 for a free launch.
 *
 * @throws InvalidQuantityError for alpha outside 0 to 1, L or C negative or not finite
 */
export function probabilityThreshold(alpha: number, L: number, C: number): number {
  requireRule(alpha, L, C);
  return C === 0 ? 0 : (2 - alpha) / (1 + L / C);
}

/**
 * P_0 = C / (L + C): where a launch neither gains nor loses. Equals the threshold at alpha = 1, and half of that at alpha = 0.
 *
 * @throws InvalidQuantityError for L or C negative or not finite
 */
export function breakEvenProbability(L: number, C: number): number {
  return probabilityThreshold(1, L, C);
}

/**
 * k_crit(alpha) = (L + C) / ((2 - alpha) * C) = 1 / P*(alpha): with more equally likely branches than this, the rule waits (section 7.6).
 * Not a whole number; below 1 the rule waits even for a certainty. Infinity for a free launch.
 *
 * @throws InvalidQuantityError for alpha outside 0 to 1, L or C negative or not finite
 */
export function criticalBranches(alpha: number, L: number, C: number): number {
  return 1 / probabilityThreshold(alpha, L, C);
}

/**
 * The largest whole k that the rule still speculates on when the k branches are equally likely; 0 for none, Infinity for a free launch.
 *
 * @throws InvalidQuantityError for alpha outside 0 to 1, L or C negative or not finite
 */
export function mostBranches(alpha: number, L: number, C: number): number {
  const critical = criticalBranches(alpha, L, C);
  if (critical === Infinity) return critical;
  const below = Math.floor(critical);
  // The rule itself settles a tie that rounding has moved by a digit.
  if (shouldSpeculate(1 / (below + 1), L, C, alpha)) return below + 1;
  return below === 0 || shouldSpeculate(1 / below, L, C, alpha) ? below : below - 1;
}

/**
 * P of one branch among k equally likely ones: 1 / k, the published mean for `router_k_way`.
 *
 * @throws InvalidQuantityError for k below 1 or not whole
 */
export function branchProbability(k: number): number {
  requireBranches('k', k);
  return 1 / k;
}

/**
 * lambda = C * (2 - alpha - P) / (P * dt): what a second must be worth, US dollars, for this launch to be just worth it. A launch that
 * somebody chose says that a second is worth at least this much to them, one that they refused at most. Infinity where no price of time
 * is enough, 0 where any is.
 *
 * @param savedSeconds dt, seconds that the launch saves
 * @throws InvalidQuantityError for P or alpha outside 0 to 1, C or seconds negative or not finite
 */
export function impliedLambdaUsdPerSecond(P: number, savedSeconds: number, C: number, alpha: number): number {
  requireShare('P', P);
  requireAmount('savedSeconds', savedSeconds);
  requireAmount('C', C);
  requireShare('alpha', alpha);
  const missingUsd = C * (2 - alpha - P);
  return missingUsd === 0 ? 0 : missingUsd / P / savedSeconds;
}

/**
 * C = P * L / (2 - alpha - P): the most that a launch may cost to be worth it, US dollars. Infinity for a certainty at alpha = 1, which
 * loses nothing.
 *
 * @throws InvalidQuantityError for P or alpha outside 0 to 1, L negative or not finite
 */
export function largestAffordableCostUsd(P: number, L: number, alpha: number): number {
  requireShare('P', P);
  requireAmount('L', L);
  requireShare('alpha', alpha);
  const atStake = 2 - alpha - P;
  return atStake === 0 ? Infinity : (P * L) / atStake;
}

/**
 * alpha = 2 - P * (1 + L / C): the least setting of the dial at which this launch fires. Below 0 it fires at every setting, above 1 at
 * none. -Infinity for a free launch.
 *
 * @throws InvalidQuantityError for P outside 0 to 1, L or C negative or not finite
 */
export function smallestAlpha(P: number, L: number, C: number): number {
  requireShare('P', P);
  requireAmount('L', L);
  requireAmount('C', C);
  return C === 0 ? -Infinity : 2 - P - (P * L) / C;
}

/**
 * Whether the rule waits even for a certainty: L < (1 - alpha) * C.
 *
 * @throws InvalidQuantityError for alpha outside 0 to 1, L or C negative or not finite
 */
export function neverSpeculates(alpha: number, L: number, C: number): boolean {
  requireRule(alpha, L, C);
  return !shouldSpeculate(1, L, C, alpha);
}

function requireRule(alpha: number, L: number, C: number): void {
  requireShare('alpha', alpha);
  requireAmount('L', L);
  requireAmount('C', C);
}
