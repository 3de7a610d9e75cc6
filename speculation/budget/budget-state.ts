import { noRecentEntries, type RecentEntries } from '../estimate/recent-entries';
import type { BudgetChange, BudgetsByScope } from './budget-limits';
import { InvalidBudgetError } from './invalid-budget-error';

/**
 * The shared budgets and what was spent of them, as plain JSON of less than half a megabyte however many tenants, launches and crashes
 * there are. Changed in place by `reserve` and `settle`.
 */
export interface BudgetState {
  limits: BudgetsByScope;
  /** UTC day of `today`, such as "2026-03-14"; empty before the first. */
  day: string;
  /** By scope. */
  today: Record<string, SpentOfDay>;
  yesterday: Record<string, SpentOfDay>;
  /** Reservations that were not settled, by hash of their id. */
  open: Record<string, Reservation>;
  /** Launches under a scope that hold a slot, whatever day they began. */
  openLaunches: Record<string, number>;
  /** At least the latest 2,000 reservations that were settled, so that none counts twice. */
  closed: RecentEntries<1>;
  /** The latest 20, oldest first. */
  refusals: RefusedReservation[];
}

/** What happened under one scope on one day. US dollars are exact decimals; what is absent is zero. */
export interface SpentOfDay {
  /** Real cost of what was settled. */
  spentUsd?: string;
  /** Most that the others may cost, those included whose worker was never heard of again. */
  reservedUsd?: string;
  /** Part of `spentUsd` that went beyond its reservations. */
  overrunUsd?: string;
  /** Launches that this budget kept from starting. */
  refusals?: number;
}

export interface Reservation {
  day: string;
  /** The budgets that were in force for it. */
  scopes: string[];
  amountUsd: string;
  /** Until then it counts as running; null when it does not any more. */
  leaseUntilMs: number | null;
}

export interface RefusedReservation {
  atMs: number;
  scope: string;
  reason: 'dollars' | 'launches' | 'crowded';
  pipeline: string;
  /** Null for nobody's in particular. */
  tenant: string | null;
  amountUsd: string;
}

/** Budgets that can be set. */
const MAX_BUDGETS = 300;
const CLOSED_GENERATION = 2_000;

export function emptyBudgetState(limits: BudgetsByScope = {}): BudgetState {
  return {
    limits,
    day: '',
    today: {},
    yesterday: {},
    open: {},
    openLaunches: {},
    closed: noRecentEntries(CLOSED_GENERATION),
    refusals: [],
  };
}

/**
 * Sets what a scope may spend; fields that are not given stay as they are.
 *
 * @throws InvalidBudgetError when there are too many budgets
 */
export function setBudget(state: BudgetState, { scope, change }: { scope: string; change: BudgetChange }): void {
  checkRoom(state, scope);
  state.limits[scope] = { ...state.limits[scope], ...change };
}

/** @throws InvalidBudgetError when a budget of this scope would be one too many */
export function checkRoom({ limits }: BudgetState, scope: string): void {
  if (Object.hasOwn(limits, scope) || Object.keys(limits).length < MAX_BUDGETS) return;
  throw new InvalidBudgetError(
    'scope',
    scope,
    `there are ${MAX_BUDGETS} budgets already; give tenants a common one with "tenant:*"`,
  );
}

/** Takes over what a policy declares for scopes that nobody has set anything for. Returns whether there were any. */
export function declareBudgets(state: BudgetState, declared: BudgetsByScope): boolean {
  let news = false;
  for (const [scope, change] of Object.entries(declared)) {
    if (Object.hasOwn(state.limits, scope) || Object.keys(state.limits).length >= MAX_BUDGETS) continue;
    state.limits[scope] = { ...change };
    news = true;
  }
  return news;
}

/** The same without what only the one place of truth needs to know. */
export function budgetsForReading(state: BudgetState): BudgetState {
  return { ...state, open: {}, closed: noRecentEntries(0), refusals: [] };
}
