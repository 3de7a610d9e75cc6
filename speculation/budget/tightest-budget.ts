import { Usd } from '../ledger/usd';
import { utcDay } from './budget-day';
import { limitsOver, type BudgetsByScope, type ScopedLimits } from './budget-limits';
import type { Spender } from './budget-scope';
import type { BudgetState } from './budget-state';

/** What a spender has left of all the budgets that apply to it. */
export interface BudgetLeft {
  /** The one that runs out first. */
  scope: string;
  /** US dollars left today under all of them, an exact decimal; null is unbounded. */
  leftUsd: string | null;
  /** Launches that may start at the same time under all of them; null is unbounded. */
  leftLaunches: number | null;
}

/**
 * The least that is left of the budgets over a spender, as far as is known; null when none is in force.
 *
 * @param state what a worker knows of the control plane; undefined for nothing
 * @param declared what its policy says, for scopes that nobody has set anything for
 */
export function tightestBudget(
  state: BudgetState | undefined,
  declared: BudgetsByScope,
  spender: Spender,
  nowMs: number,
): BudgetLeft | null {
  const left = limitsOver({ ...declared, ...state?.limits }, spender).map((limits) => leftOf(state, limits, nowMs));
  const [tightest] = [...left].sort((one, other) => urgency(one) - urgency(other));
  if (tightest === undefined) return null;
  const dollars = left.flatMap(({ leftUsd }) => (leftUsd === null ? [] : [new Usd(leftUsd)]));
  const launches = left.flatMap(({ leftLaunches }) => leftLaunches ?? []);
  return {
    scope: tightest.scope,
    leftUsd: dollars.length === 0 ? null : Usd.min(...dollars).toFixed(),
    leftLaunches: launches.length === 0 ? null : Math.min(...launches),
  };
}

function leftOf(
  state: BudgetState | undefined,
  { scope, usdPerDay, concurrentLaunches }: ScopedLimits,
  nowMs: number,
): BudgetLeft {
  const isToday = state !== undefined && state.day >= utcDay(nowMs);
  const { spentUsd = '0', reservedUsd = '0' } = (isToday ? state.today[scope] : undefined) ?? {};
  const open = state?.openLaunches[scope] ?? 0;
  return {
    scope,
    leftUsd: usdPerDay === null ? null : Usd.max(0, new Usd(usdPerDay).minus(spentUsd).minus(reservedUsd)).toFixed(),
    leftLaunches: concurrentLaunches === null ? null : Math.max(0, concurrentLaunches - open),
  };
}

/** What has no slot left goes first, then the fewest dollars. */
function urgency({ leftUsd, leftLaunches }: BudgetLeft): number {
  if (leftLaunches === 0) return -1;
  return leftUsd === null ? Infinity : Number(leftUsd);
}
