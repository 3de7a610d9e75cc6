import type { BudgetReport, BudgetRow } from '../../speculation/budget/budget-report';
import { EACH_TENANT } from '../../speculation/budget/budget-scope';
import type { RefusedReservation } from '../../speculation/budget/budget-state';
import { dollars } from './figures';
import { plainTable } from './plain-table';

const SHOWN_REFUSALS = 5;

/** Shared budgets, and the latest launches that they kept from starting. */
export function budgetTable({ budgets, recentRefusals }: Pick<BudgetReport, 'budgets' | 'recentRefusals'>): string {
  if (budgets.length === 0)
    return 'No budget is set: what launches cost is bounded by the knob of each pipeline alone.';
  const head = ['budget', 'a day', 'spent', 'reserved', 'left', 'launches', 'refused', 'overrun'];
  const parts = [plainTable(head, budgets.map(cellsOf), head.slice(1))];
  if (recentRefusals.length > 0) {
    const rows = recentRefusals.slice(-SHOWN_REFUSALS).map(refusalCells);
    parts.push(plainTable(['refused at', 'pipeline', 'tenant', 'for', 'because of'], rows, ['for']));
  }
  return parts.join('\n\n');
}

function cellsOf(row: BudgetRow): string[] {
  const { scope, usdPerDay, concurrentLaunches, spentUsd, reservedUsd, leftUsd, openLaunches, refusals, overrunUsd } =
    row;
  const launches = concurrentLaunches === null ? 'any' : String(concurrentLaunches);
  if (scope === EACH_TENANT) return [scope, perDay(usdPerDay), 'each', '', '', launches, '', ''];
  return [
    scope,
    perDay(usdPerDay),
    dollars(spentUsd),
    dollars(reservedUsd),
    leftUsd === null ? '' : dollars(leftUsd),
    `${openLaunches} of ${launches}`,
    String(refusals),
    dollars(overrunUsd),
  ];
}

function refusalCells({ atMs, pipeline, tenant, amountUsd, scope, reason }: RefusedReservation): string[] {
  return [new Date(atMs).toISOString(), pipeline, tenant ?? '', dollars(amountUsd), `${scope}: ${reason}`];
}

function perDay(usdPerDay: string | null): string {
  return usdPerDay === null ? 'none' : dollars(usdPerDay);
}
