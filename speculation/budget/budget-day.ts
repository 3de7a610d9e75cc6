import { Usd } from '../ledger/usd';
import { addRecentEntry } from '../estimate/recent-entries';
import type { BudgetState, Reservation, SpentOfDay } from './budget-state';

const KEPT_OF_YESTERDAY = 100;
const DAY_MS = 86_400_000;

export function utcDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/**
 * Goes on to a new day when it has begun, and takes the slots back whose lease is over. A clock that goes back stays on its day. What a
 * launch of yesterday costs counts for yesterday.
 */
export function rollDay(state: BudgetState, nowMs: number): void {
  const day = utcDay(nowMs);
  if (day > state.day) {
    state.yesterday = state.day === dayBefore(day) ? mostSpent(state.today) : {};
    state.today = {};
    state.day = day;
  }
  const yesterday = dayBefore(state.day);
  for (const [key, reservation] of Object.entries(state.open)) {
    if (reservation.leaseUntilMs !== null && reservation.leaseUntilMs <= nowMs) freeSlot(state, reservation);
    const isOld = reservation.day !== state.day && reservation.day !== yesterday;
    if (isOld && reservation.leaseUntilMs === null) forget(state, key);
  }
}

/** What was spent under a scope on the day of a reservation; null for a day or a scope that is not kept any more. */
export function spentOn(state: BudgetState, day: string, scope: string): SpentOfDay | null {
  if (day === state.day) return (state.today[scope] ??= {});
  return (day === dayBefore(state.day) ? state.yesterday[scope] : undefined) ?? null;
}

export function dayBefore(day: string): string {
  return utcDay(Date.parse(day) - DAY_MS);
}

export function freeSlot({ openLaunches }: BudgetState, reservation: Reservation): void {
  if (reservation.leaseUntilMs === null) return;
  reservation.leaseUntilMs = null;
  for (const scope of reservation.scopes) {
    const left = (openLaunches[scope] ?? 0) - 1;
    if (left > 0) openLaunches[scope] = left;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record, because it is plain JSON
    else delete openLaunches[scope];
  }
}

/** Gives a reservation up without giving its dollars back: they stay reserved on its day, and no bill changes that any more. */
export function forget(state: BudgetState, key: string): void {
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record, because it is plain JSON
  delete state.open[key];
  addRecentEntry(state.closed, key, 1);
}

function mostSpent(spent: Record<string, SpentOfDay>): Record<string, SpentOfDay> {
  const committed = ({ spentUsd = '0', reservedUsd = '0' }: SpentOfDay): number =>
    new Usd(spentUsd).plus(reservedUsd).toNumber();
  const entries = Object.entries(spent).sort(([, left], [, right]) => committed(right) - committed(left));
  return Object.fromEntries(entries.slice(0, KEPT_OF_YESTERDAY));
}
