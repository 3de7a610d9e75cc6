import { requireAmount, requireShare } from './quantity';

/**
 * How many candidates to launch for one step when each is right independently of the others, as Speculative Actions has it
 * (arXiv:2510.04371): the m that is best in q(m) * L - m * C with q(m) = 1 - prod(1 - p_j), the likeliest first. One more is added while
 * L * p_(m+1) * prod(1 - p_j) >= C. Forecasts of a single output exclude each other instead; for those see `marginalProbability`.
 *
 * @param probabilities of each candidate, in any order
 * @param L value of a hit, US dollars
 * @param C price of one candidate, US dollars, paid whether it is right or not
 * @throws InvalidQuantityError for a probability outside 0 to 1, L or C negative or not finite
 */
export function optimalBreadth(probabilities: readonly number[], L: number, C: number): number {
  const ordered = checkedInOrder(probabilities, L, C);
  let missedByAll = 1;
  for (const [breadth, probability] of ordered.entries()) {
    if (L * probability * missedByAll < C) return breadth;
    missedByAll *= 1 - probability;
  }
  return ordered.length;
}

/**
 * q(m) * L - m * C: what launching the `breadth` likeliest of independent candidates is worth, US dollars.
 *
 * @throws InvalidQuantityError as `optimalBreadth`
 */
export function breadthValueUsd(probabilities: readonly number[], breadth: number, L: number, C: number): number {
  const launched = checkedInOrder(probabilities, L, C).slice(0, breadth);
  const missedByAll = launched.reduce((product, probability) => product * (1 - probability), 1);
  return (1 - missedByAll) * L - launched.length * C;
}

function checkedInOrder(probabilities: readonly number[], L: number, C: number): number[] {
  for (const [index, probability] of probabilities.entries()) requireShare(`probabilities[${index}]`, probability);
  requireAmount('L', L);
  requireAmount('C', C);
  return [...probabilities].sort((left, right) => right - left);
}
