import { sumIsAtMost } from './decimal-text';

/** Far wider than the rounding error of adding three floats, far narrower than any price. */
const CLOSE = 1e-12;

/**
 * Whether a launch fits into what is left of the budget: spent + reserved + cost <= budget, US dollars. Exact: money that
 * fills the budget to the last digit fits, a digit more does not. Floats decide where they safely can, because this is
 * asked for every decision.
 */
export function fitsBudget(
  spentUsd: string,
  reservedUsd: string,
  costUsd: number,
  /** Null is unbounded. */
  budgetUsd: string | null,
): boolean {
  if (budgetUsd === null) return true;
  const needed = Number(spentUsd) + Number(reservedUsd) + costUsd;
  const budget = Number(budgetUsd);
  if (needed < budget * (1 - CLOSE)) return true;
  if (needed > budget * (1 + CLOSE)) return false;
  return sumIsAtMost([spentUsd, reservedUsd, costUsd], budgetUsd);
}
