import { parseBudgets, type BudgetsByScope } from '../budget/budget-limits';
import { InvalidBudgetError } from '../budget/invalid-budget-error';
import { PolicyError } from './policy-error';

/** A shared budget as a policy declares it. */
export interface BudgetInput {
  /** What launches and drafts may cost on one UTC day, US dollars; null is unbounded. @default unbounded */
  usdPerDay?: string | number | null;
  /** Launches and drafts that may run at the same time; null is unbounded. @default unbounded */
  concurrentLaunches?: number | null;
}

/** @throws PolicyError */
export function declaredBudgets(budgets: Readonly<Record<string, BudgetInput>> = {}): BudgetsByScope {
  try {
    return parseBudgets(budgets);
  } catch (error) {
    if (!(error instanceof InvalidBudgetError)) throw error;
    throw new PolicyError('POLICY_INVALID', 'budgets', budgets, error.message, 'is invalid', { cause: error });
  }
}
