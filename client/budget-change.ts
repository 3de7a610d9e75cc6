import { parseBudgetRequest, type BudgetChange } from '../speculation/budget/budget-limits';
import { OperatorError } from './operator-error';

/** The budget options of the command line, as they were typed. */
export interface BudgetFlags {
  scope: string;
  usdPerDay?: string;
  concurrentLaunches?: string;
}

/**
 * Turns typed text into a change of a budget. What is no number stays text, so that the one check that there is refuses it with its own
 * message.
 *
 * @throws OperatorError when there is nothing to set, InvalidBudgetError for a value that cannot be used
 */
export function budgetChangeFrom(flags: BudgetFlags): { scope: string; change: BudgetChange } {
  const { scope, usdPerDay, concurrentLaunches } = flags;
  if (usdPerDay === undefined && concurrentLaunches === undefined) {
    throw new OperatorError('Nothing to set: give at least one of --usd-per-day, --concurrent-launches.');
  }
  return parseBudgetRequest({
    scope,
    ...(usdPerDay !== undefined && { usdPerDay: usdPerDay === 'none' ? null : usdPerDay }),
    ...(concurrentLaunches !== undefined && { concurrentLaunches: launchesFrom(concurrentLaunches) }),
  });
}

function launchesFrom(text: string): number | string | null {
  if (text === 'none') return null;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
