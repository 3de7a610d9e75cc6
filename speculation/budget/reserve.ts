import { shortHash } from '../estimate/short-hash';
import { recentEntry } from '../estimate/recent-entries';
import { ownEntry, setOwnEntry } from '../forecast/own-entry';
import { Usd } from '../ledger/usd';
import { forget, rollDay } from './budget-day';
import { isUsableAmount } from './budget-amount';
import { chargedScope, openUnder } from './charged-scope';
import { limitsOver, type ScopedLimits } from './budget-limits';
import type { Spender } from './budget-scope';
import type { BudgetState, RefusedReservation, SpentOfDay } from './budget-state';

/** Asks for leave to spend. */
export interface BudgetRequest extends Spender {
  /** `runId/activityId`; a request that comes again with the same one is the same request. */
  id: string;
  /** Most that it may cost, US dollars, a plain decimal. */
  amountUsd: string;
  /** How long it may run at most, milliseconds; its slot is free after that, whatever became of it. */
  leaseMs: number;
}

export type BudgetDecision = { id: string; granted: true } | { id: string; granted: false; refusal: BudgetRefusal };

export interface BudgetRefusal {
  /**
   * `dollars` and `launches`: the budget of `scope` is used up; `crowded`: more launches run than are kept apart; `closed`: it was
   * settled already; `unusable`: the request makes no sense.
   */
  reason: 'dollars' | 'launches' | 'crowded' | 'closed' | 'unusable';
  /** The budget that refuses; null when it is none in particular. */
  scope: string | null;
  /** Dollars a day or launches at the same time, as it was set; null when it is not about a limit. */
  limit: string | null;
  /** What is left of it. */
  left: string | null;
}

/** Reservations that are kept apart. */
const MAX_OPEN = 1_000;
const KEPT_REFUSALS = 20;
const LONGEST_LEASE_MS = 7 * 86_400_000;

type RefusedForLack = Partial<BudgetRefusal> & Pick<RefusedReservation, 'reason'>;

interface Account extends ScopedLimits {
  spent: SpentOfDay;
  openLaunches: number;
}

/**
 * Reserves the most that a launch may cost, in place: granted only if for each budget that applies, what was spent and reserved today
 * and this amount are at most its dollars, exactly, and one more launch is within its number of launches. All or none of them is charged.
 */
export function reserve(state: BudgetState, request: BudgetRequest, nowMs: number): BudgetDecision {
  const { id } = request;
  rollDay(state, nowMs);
  const key = shortHash(id);
  if (recentEntry(state.closed, key) !== undefined) return refused(id, { reason: 'closed' });
  if (ownEntry(state.open, key) !== undefined) return { id, granted: true };
  if (!isUsableAmount(request.amountUsd) || !Number.isFinite(request.leaseMs))
    return refused(id, { reason: 'unusable' });

  const accounts = limitsOver(state.limits, request).map((limits) => accountOf(state, limits));
  if (accounts.length === 0) return { id, granted: true };
  const refusal = accounts.map((account) => refusalOf(account, request.amountUsd)).find((each) => each !== null);
  if (refusal) return note(state, request, refusal, nowMs);
  if (!makeRoom(state)) return note(state, request, { reason: 'crowded', scope: accounts[0]?.scope ?? null }, nowMs);

  for (const { scope, spent } of accounts) {
    spent.reservedUsd = new Usd(spent.reservedUsd ?? '0').plus(request.amountUsd).toFixed();
    state.openLaunches[scope] = (state.openLaunches[scope] ?? 0) + 1;
  }
  setOwnEntry(state.open, key, {
    day: state.day,
    scopes: accounts.map(({ scope }) => scope),
    amountUsd: request.amountUsd,
    leaseUntilMs: nowMs + Math.min(Math.max(0, request.leaseMs), LONGEST_LEASE_MS),
  });
  return { id, granted: true };
}

function accountOf(state: BudgetState, limits: ScopedLimits): Account {
  const scope = chargedScope(state, limits.scope);
  return { ...limits, scope, spent: (state.today[scope] ??= {}), openLaunches: openUnder(state, limits.scope, scope) };
}

function refusalOf(
  { scope, usdPerDay, concurrentLaunches, spent, openLaunches }: Account,
  amountUsd: string,
): RefusedForLack | null {
  if (concurrentLaunches !== null && openLaunches >= concurrentLaunches) {
    return { reason: 'launches', scope, limit: String(concurrentLaunches), left: '0' };
  }
  if (usdPerDay === null) return null;
  const left = new Usd(usdPerDay).minus(spent.spentUsd ?? '0').minus(spent.reservedUsd ?? '0');
  if (left.gte(amountUsd)) return null;
  return { reason: 'dollars', scope, limit: usdPerDay, left: Usd.max(0, left).toFixed() };
}

/** What runs is never forgotten; of the others the oldest is, and its dollars stay reserved. */
function makeRoom(state: BudgetState): boolean {
  const keys = Object.keys(state.open);
  if (keys.length < MAX_OPEN) return true;
  const lost = keys.find((key) => state.open[key]?.leaseUntilMs === null);
  if (lost === undefined) return false;
  forget(state, lost);
  return true;
}

function note(
  state: BudgetState,
  { id, pipeline, tenant, amountUsd }: BudgetRequest,
  refusal: RefusedForLack,
  atMs: number,
): BudgetDecision {
  const { scope, reason } = refusal;
  if (typeof scope === 'string') {
    const spent = (state.today[scope] ??= {});
    spent.refusals = (spent.refusals ?? 0) + 1;
    const row = {
      atMs,
      scope,
      reason,
      pipeline: pipeline.slice(0, 64),
      tenant: tenant?.slice(0, 64) ?? null,
      amountUsd,
    };
    state.refusals = [...state.refusals, row].slice(-KEPT_REFUSALS);
  }
  return refused(id, refusal);
}

function refused(id: string, refusal: Partial<BudgetRefusal> & Pick<BudgetRefusal, 'reason'>): BudgetDecision {
  return { id, granted: false, refusal: { scope: null, limit: null, left: null, ...refusal } };
}
