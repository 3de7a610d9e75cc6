import { parseBudgets } from './budget-limits';
import type { BudgetState } from './budget-state';

const RECORDS = ['limits', 'today', 'yesterday', 'open', 'openLaunches', 'closed'] as const;

/**
 * Accepts budgets that an earlier run handed on. Checks the parts and what was set; what is inside the others was written by this code.
 *
 * @throws TypeError naming the part, or InvalidBudgetError
 */
export function parseBudgetState(input: unknown): BudgetState {
  if (!isRecord(input)) throw new TypeError('budgets are no object');
  for (const part of RECORDS) if (!isRecord(input[part])) throw new TypeError(`budgets: ${part} is no object`);
  if (typeof input['day'] !== 'string') throw new TypeError('budgets: day is no text');
  if (!Array.isArray(input['refusals'])) throw new TypeError('budgets: refusals are no list');
  const state = input as unknown as BudgetState;
  parseBudgets(state.limits);
  return state;
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}
