/**
 * How many guesses in a row are right before one is wrong, when each is right with the same probability independently of the others:
 * P(N = n) = p^n (1 - p), with all that is longer than `most` counted as `most`.
 *
 * @param p 0 to 1
 * @param most a whole number of at least 0
 * @returns the probabilities of 0, 1, .. `most`
 */
export function runLengths(p: number, most: number): number[] {
  const probabilities: number[] = [];
  let reached = 1;
  for (let length = 0; length < most; length++) {
    probabilities.push(reached * (1 - p));
    reached *= p;
  }
  return [...probabilities, reached];
}
