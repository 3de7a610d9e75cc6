/** The minimum of the asymmetric square loss of a distribution over 0, 1, 2, .., by trisection of its convex curve. */
export function leastLoss(weights: readonly number[], tau: number): number {
  const loss = (e: number): number =>
    weights.reduce((sum, weight, value) => sum + weight * (value > e ? tau : 1 - tau) * (value - e) ** 2, 0);
  let [low, high] = [0, weights.length - 1];
  for (let round = 0; round < 120; round++) {
    const third = (high - low) / 3;
    if (loss(low + third) < loss(high - third)) high -= third;
    else low += third;
  }
  return (low + high) / 2;
}
