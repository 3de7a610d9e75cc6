import { shortHash } from '../estimate/short-hash';
import { addRecentEntry } from '../estimate/recent-entries';
import { ownEntry } from '../forecast/own-entry';
import { Usd } from '../ledger/usd';
import { forget, freeSlot, rollDay, spentOn } from './budget-day';
import { isUsableAmount } from './budget-amount';
import { chargedScope } from './charged-scope';
import { limitsOver } from './budget-limits';
import type { Spender } from './budget-scope';
import type { BudgetState } from './budget-state';

/** Says what something really cost for which leave to spend was asked. */
export interface BudgetSettlement extends Spender {
  id: string;
  /** US dollars, a plain decimal; zero for what did not start after all. */
  costUsd: string;
}

/**
 * Books the real cost in place of the reservation, on the day of the reservation; returns whether that was news. Each id is settled once.
 * A cost above its reservation is booked in full. What was never reserved counts from now on: the money is gone. What is settled first and
 * reserved later, because messages overtake each other, stays settled.
 */
export function settle(state: BudgetState, settlement: BudgetSettlement, nowMs: number): boolean {
  rollDay(state, nowMs);
  const key = shortHash(settlement.id);
  if (closeOpen(state, key, settlement.costUsd)) return true;
  if (!addRecentEntry(state.closed, key, 1)) return false;
  if (!isUsableAmount(settlement.costUsd) || Number(settlement.costUsd) === 0) return true;
  for (const { scope } of limitsOver(state.limits, settlement)) {
    book(state, state.day, chargedScope(state, scope), '0', settlement.costUsd);
  }
  return true;
}

/** The same for a bill that came another way. It tells nothing about what has no reservation, such as a call that was not early. */
export function settleByBill(state: BudgetState, bill: { id: string; costUsd: string }): boolean {
  return closeOpen(state, shortHash(bill.id), bill.costUsd);
}

function closeOpen(state: BudgetState, key: string, costUsd: string): boolean {
  const reservation = ownEntry(state.open, key);
  if (reservation === undefined) return false;
  const { day, scopes, amountUsd } = reservation;
  // A cost that cannot be read may have been all of it.
  const cost = isUsableAmount(costUsd) ? costUsd : amountUsd;
  freeSlot(state, reservation);
  forget(state, key);
  for (const scope of scopes) book(state, day, scope, amountUsd, cost);
  return true;
}

function book(state: BudgetState, day: string, scope: string, reservedUsd: string, costUsd: string): void {
  const spent = spentOn(state, day, scope);
  if (spent === null) return;
  spent.reservedUsd = Usd.max(0, new Usd(spent.reservedUsd ?? '0').minus(reservedUsd)).toFixed();
  spent.spentUsd = new Usd(spent.spentUsd ?? '0').plus(costUsd).toFixed();
  const overrun = new Usd(costUsd).minus(reservedUsd);
  if (overrun.gt(0)) spent.overrunUsd = overrun.plus(spent.overrunUsd ?? '0').toFixed();
}
