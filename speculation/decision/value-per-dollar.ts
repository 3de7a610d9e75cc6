/** What a ranking needs to know of a launch. */
export interface RankedLaunch {
  /** Decides between equals: the smaller goes first. */
  id: number;
  /** US dollars. */
  expectedValueUsd: number;
  /** US dollars. */
  speculativeCostUsd: number;
}

/**
 * What ranks launches when slots or budget are short: expected value for each dollar that is put at stake. A free launch is worth
 * Infinity for each of its dollars; NaN where a number is unusable. PROPOSED, ours.
 */
export function valuePerDollar(EV: number, C: number): number {
  if (!Number.isFinite(EV) || !Number.isFinite(C) || C < 0) return NaN;
  return C === 0 ? Infinity : EV / C;
}

/**
 * For `sort`: best value per dollar first. Free ones go before all others, by their value; ties go by number, and what has no usable
 * numbers goes last.
 */
export function byValuePerDollar(left: RankedLaunch, right: RankedLaunch): number {
  const leftValue = valuePerDollar(left.expectedValueUsd, left.speculativeCostUsd);
  const rightValue = valuePerDollar(right.expectedValueUsd, right.speculativeCostUsd);
  if (Number.isNaN(leftValue) !== Number.isNaN(rightValue)) return Number.isNaN(leftValue) ? 1 : -1;
  if (leftValue > rightValue) return -1;
  if (leftValue < rightValue) return 1;
  const bothFree = leftValue === Infinity && left.expectedValueUsd !== right.expectedValueUsd;
  return bothFree ? right.expectedValueUsd - left.expectedValueUsd : left.id - right.id;
}
