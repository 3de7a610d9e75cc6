/**
 * The expectile of a distribution over 0, 1, 2, ..: the value e that makes the asymmetric square loss
 *
 *     tau * E[(N - e)^2 ; N > e] + (1 - tau) * E[(e - N)^2 ; N <= e]
 *
 * least (Newey and Powell 1987). With tau = 0.5 the mean; below it is cautious, above it eager. Between two neighbouring values of N the
 * loss is a parabola, so its lowest point there is a weighted mean; the right piece is the one that contains its own.
 *
 * @param probabilities of 0, 1, 2, .., at least one above 0; weights that do not add up to 1 will do
 * @param tau above 0, below 1
 */
export function expectile(probabilities: readonly number[], tau: number): number {
  let massAbove = 0;
  let sumAbove = 0;
  for (const [value, probability] of probabilities.entries()) {
    massAbove += probability;
    sumAbove += value * probability;
  }
  let massBelow = 0;
  let sumBelow = 0;
  let lowest = 0;
  for (const [value, probability] of probabilities.entries()) {
    massBelow += probability;
    sumBelow += value * probability;
    massAbove -= probability;
    sumAbove -= value * probability;
    lowest = (tau * sumAbove + (1 - tau) * sumBelow) / (tau * massAbove + (1 - tau) * massBelow);
    if (lowest <= value + 1) break;
  }
  return lowest;
}
