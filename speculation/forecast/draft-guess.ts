/** One of several guesses of a drafter. */
export interface DraftGuess {
  /** The guessed output. */
  value: unknown;
  /** How sure the drafter is, 0 to 1. @default it does not say */
  confidence?: number;
  /**
   * How often guesses like this one were right, as far as the drafter has counted or learned: evidence for the posterior, as what `history`
   * counts is. Need not be whole numbers. @default it does not count
   */
  counts?: { hits: number; total: number };
}

/** What can be read of a drafter's list of guesses, best first. What is no guess is left out. */
export function readGuesses(list: unknown): DraftGuess[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null || !('value' in each)) return [];
    const { value, confidence, counts } = each as DraftGuess;
    const stated = typeof confidence === 'number' && confidence >= 0 && confidence <= 1;
    const counted = readCounts(counts);
    return [{ value, ...(stated && { confidence }), ...(counted !== null && { counts: counted }) }];
  });
}

function readCounts(counts: unknown): { hits: number; total: number } | null {
  if (typeof counts !== 'object' || counts === null) return null;
  const { hits, total } = counts as Record<string, unknown>;
  if (typeof hits !== 'number' || typeof total !== 'number') return null;
  return hits >= 0 && hits <= total && Number.isFinite(total) ? { hits, total } : null;
}
