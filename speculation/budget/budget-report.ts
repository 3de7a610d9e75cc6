import { Usd } from '../ledger/usd';
import { dayBefore, utcDay } from './budget-day';
import { limitsOf, type BudgetLimits } from './budget-limits';
import { EACH_TENANT } from './budget-scope';
import type { BudgetState, RefusedReservation, SpentOfDay } from './budget-state';

/** One budget and where it stands today. US dollars are exact decimals. */
export interface BudgetRow extends BudgetLimits {
  scope: string;
  spentUsd: string;
  /** Most that launches which were not settled may still cost. */
  reservedUsd: string;
  /** Null without a bound in dollars. */
  leftUsd: string | null;
  /** Launches and drafts that run now. */
  openLaunches: number;
  /** Launches that it kept from starting today. */
  refusals: number;
  /** Part of `spentUsd` that went beyond what had been reserved. */
  overrunUsd: string;
}

/** Where the shared budgets stand. */
export interface BudgetReport {
  /** UTC day. */
  day: string;
  /** What was set, and the tenants that live on `tenant:*`; most spent first within each kind. */
  budgets: BudgetRow[];
  /** At most the 100 scopes that spent most yesterday. */
  yesterday: { scope: string; spentUsd: string; reservedUsd: string; overrunUsd: string; refusals: number }[];
  /** The latest 20, oldest first. */
  recentRefusals: RefusedReservation[];
}

/** Changes nothing; a day that has begun since the last change is a new one. */
export function budgetReport(state: BudgetState, nowMs: number): BudgetReport {
  const day = later(utcDay(nowMs), state.day);
  const today = day === state.day ? state.today : {};
  const isNext = day !== state.day && dayBefore(day) === state.day;
  const yesterday = day === state.day ? state.yesterday : isNext ? state.today : {};
  const live = liveLaunches(state, nowMs);
  const scopes = new Set([...Object.keys(state.limits), ...Object.keys(today)]);
  return {
    day,
    budgets: [...scopes]
      .map((scope) => rowOf(scope, limitsOf(state.limits, scope), today[scope] ?? {}, live(scope)))
      .sort((left, right) => rank(left) - rank(right) || committed(right) - committed(left)),
    yesterday: Object.entries(yesterday)
      .slice(0, 100)
      .map(([scope, { spentUsd = '0', reservedUsd = '0', overrunUsd = '0', refusals = 0 }]) => ({
        scope,
        spentUsd,
        reservedUsd,
        overrunUsd,
        refusals,
      })),
    recentRefusals: state.refusals,
  };
}

function rowOf(scope: string, limits: BudgetLimits, spent: SpentOfDay, openLaunches: number): BudgetRow {
  const { spentUsd = '0', reservedUsd = '0', overrunUsd = '0', refusals = 0 } = spent;
  const { usdPerDay, concurrentLaunches } = limits;
  const leftUsd =
    usdPerDay === null ? null : Usd.max(0, new Usd(usdPerDay).minus(spentUsd).minus(reservedUsd)).toFixed();
  return { scope, usdPerDay, concurrentLaunches, spentUsd, reservedUsd, leftUsd, openLaunches, refusals, overrunUsd };
}

/** Slots whose lease is over are free, also before anybody asks for one. */
function liveLaunches({ open, openLaunches }: BudgetState, nowMs: number): (scope: string) => number {
  const over = Object.values(open).filter(({ leaseUntilMs }) => leaseUntilMs !== null && leaseUntilMs <= nowMs);
  return (scope) => (openLaunches[scope] ?? 0) - over.filter(({ scopes }) => scopes.includes(scope)).length;
}

/** Everything first, then pipelines, then what each tenant has, then tenants. */
function rank({ scope }: BudgetRow): number {
  if (scope === '*') return 0;
  if (scope.startsWith('pipeline:')) return 1;
  return scope === EACH_TENANT ? 2 : 3;
}

function committed({ spentUsd, reservedUsd }: BudgetRow): number {
  return Number(spentUsd) + Number(reservedUsd);
}

function later(left: string, right: string): string {
  return left > right ? left : right;
}
