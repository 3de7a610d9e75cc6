import { requireAmount, requireShare } from './quantity';

const MOST_ROUNDS = 100;

/**
 * What a hit is worth in the long run where the step after a hit has no window of its own, as in Algorithm 1 of Speculative Actions
 * (arXiv:2510.04371v2): the fixed point
 *
 *     Delta* = l - E max_m { q(m) Delta* - c m },   q(m) = 1 - prod over the m likeliest of (1 - p_j)
 *
 * A hit gains l, and costs what the window of the next step would have been worth. The paper prints l - max_m (E q(m) l - c m) / (1 + E q(m)),
 * which is the same where every step has the same probabilities. Where they differ it is too large, because one breadth has to do for all.
 *
 * Found by Newton's method: the right side is piecewise linear in Delta*, so that few rounds are exact.
 *
 * @param steps equally likely steps, each with the probabilities of its independent candidates, in any order
 * @param gainUsd l: what a hit saves, US dollars
 * @param candidateUsd c: price of one candidate, US dollars
 * @returns US dollars, 0 to l
 * @throws InvalidQuantityError for a probability outside 0 to 1, l or c negative or not finite
 */
export function stationaryHitValueUsd(
  steps: readonly (readonly number[])[],
  gainUsd: number,
  candidateUsd: number,
): number {
  requireAmount('gainUsd', gainUsd);
  requireAmount('candidateUsd', candidateUsd);
  for (const probability of steps.flat()) requireShare('a probability', probability);
  if (steps.length === 0) return gainUsd;
  const ordered = steps.map((probabilities) => [...probabilities].sort((left, right) => right - left));
  let value = gainUsd;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { hit, breadth } = meanOfBest(ordered, value, candidateUsd);
    const next = (gainUsd + candidateUsd * breadth) / (1 + hit);
    // From above it only falls, until the breadths stay the same.
    if (!(next < value)) return value;
    value = next;
  }
  return value;
}

/** Means over the steps of q(m) and m for the m that is best at this value of a hit. */
function meanOfBest(
  steps: readonly (readonly number[])[],
  valueUsd: number,
  candidateUsd: number,
): { hit: number; breadth: number } {
  let hit = 0;
  let breadth = 0;
  for (const probabilities of steps) {
    let missedByAll = 1;
    for (const probability of probabilities) {
      if (valueUsd * probability * missedByAll < candidateUsd) break;
      missedByAll *= 1 - probability;
      breadth += 1;
    }
    hit += 1 - missedByAll;
  }
  return { hit: hit / steps.length, breadth: breadth / steps.length };
}
