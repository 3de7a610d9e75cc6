/** How often a rule was right in a context: hits of how many. */
export type CountsOf = (context: string) => readonly [hits: number, total: number] | undefined;

/** As many observations as a shorter context counts for in a longer one. */
const TRUST = 4;
/** Of a rule of which nothing is known. */
const FIRST_GUESS = 0.05;

/** Estimated probability that a rule is right: each longer context moves the estimate of the shorter one as far as it has been seen. */
export function ruleScore(contexts: readonly string[], countsOf: CountsOf): number {
  let score = FIRST_GUESS;
  for (const context of contexts) {
    const counts = countsOf(context);
    if (counts === undefined || counts[1] <= 0) break;
    score = (counts[0] + TRUST * score) / (counts[1] + TRUST);
  }
  return score;
}
