/** One of several guesses of a drafter. */
export interface DraftGuess {
  /** The guessed output. */
  value: unknown;
  /** How sure the drafter is, 0 to 1. @default it does not say */
  confidence?: number;
}

/** What can be read of a drafter's list of guesses, best first. What is no guess is left out. */
export function readGuesses(list: unknown): DraftGuess[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null || !('value' in each)) return [];
    const { value, confidence } = each as DraftGuess;
    const stated = typeof confidence === 'number' && confidence >= 0 && confidence <= 1;
    return [{ value, ...(stated && { confidence }) }];
  });
}
