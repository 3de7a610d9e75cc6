/**
 * P of one more candidate for the same edge, given those that are open: forecasts of one output have different values, so at most one
 * of them is right and the newcomer can have no more than what the others leave of 1. PROPOSED, ours.
 *
 * @param siblings P of each open candidate, 0 to 1
 */
export function marginalProbability(P: number, siblings: readonly number[]): number {
  let left = 1;
  for (const sibling of siblings) left -= sibling;
  return Math.min(P, Math.max(0, left));
}
