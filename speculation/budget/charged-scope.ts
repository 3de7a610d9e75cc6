import { OTHER_TENANTS } from './budget-scope';
import type { BudgetState } from './budget-state';

/** Scopes of one day that are kept apart. */
const MAX_SCOPES_A_DAY = 1_500;

/**
 * Where spending under a scope is booked today: there, or in one pot that all tenants without a budget of their own share once there are
 * too many of them to keep apart. So nobody gets more than one tenant may have, and memory has a bound.
 */
export function chargedScope(state: BudgetState, scope: string): string {
  if (!livesOnDefault(state, scope) || state.today[scope] !== undefined) return scope;
  return Object.keys(state.today).length < MAX_SCOPES_A_DAY ? scope : OTHER_TENANTS;
}

/** Launches that run under a scope. A tenant may have some in the pot, or some that began before it came into the pot. */
export function openUnder(state: BudgetState, scope: string, charged: string): number {
  const { openLaunches } = state;
  const other = charged === scope ? OTHER_TENANTS : scope;
  return (openLaunches[charged] ?? 0) + (livesOnDefault(state, scope) ? (openLaunches[other] ?? 0) : 0);
}

function livesOnDefault({ limits }: BudgetState, scope: string): boolean {
  return scope.startsWith('tenant:') && scope !== OTHER_TENANTS && !Object.hasOwn(limits, scope);
}
