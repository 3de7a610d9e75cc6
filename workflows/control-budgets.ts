import { defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import { applyBudgetBatch, parseBudgetBatch } from '../speculation/budget/budget-batch';
import { parseBudgetRequest } from '../speculation/budget/budget-limits';
import { budgetReport, type BudgetReport, type BudgetRow } from '../speculation/budget/budget-report';
import { checkRoom, emptyBudgetState, setBudget, type BudgetState } from '../speculation/budget/budget-state';
import type { BudgetDecision } from '../speculation/budget/reserve';
import type { ControlState } from '../speculation/estimate/control-state';
import { CONTROL_QUERY, CONTROL_UPDATE } from '../speculation/runtime/control-protocol';
import { tableLine } from '../speculation/ledger/table-line';

/** The server keeps 20,000 bytes of details for everything together. */
const MAX_ROWS = 30;

/**
 * Answers for the shared budgets. This is the one place where they are charged, one request after the other, so they are exact however
 * many workers ask at the same time.
 */
export function handleBudgets(state: ControlState, onChange: () => void): void {
  const changed = (change: (budgets: BudgetState) => void): void => {
    change((state.budgets ??= emptyBudgetState()));
    state.revision += 1;
    onChange();
  };
  setHandler(
    defineUpdate<BudgetRow, [unknown]>(CONTROL_UPDATE.setBudget),
    (input) => {
      const { scope, change } = parseBudgetRequest(input);
      changed((budgets) => setBudget(budgets, { scope, change }));
      const row = reportOf(state).budgets.find((each) => each.scope === scope);
      if (row === undefined) throw new Error(`no budget ${scope} after it was set`);
      return row;
    },
    { validator: (input) => checkRoom(state.budgets ?? emptyBudgetState(), parseBudgetRequest(input).scope) },
  );
  setHandler(
    defineUpdate<BudgetDecision[], [unknown]>(CONTROL_UPDATE.reserveBudget),
    (input) => {
      let decisions: BudgetDecision[] = [];
      changed((budgets) => (decisions = applyBudgetBatch(budgets, parseBudgetBatch(input), Date.now())));
      return decisions;
    },
    { validator: (input) => void parseBudgetBatch(input) },
  );
  setHandler(
    defineQuery<BudgetReport, [{ nowMs?: number } | null | undefined]>(CONTROL_QUERY.budgets),
    (question): BudgetReport => reportOf(state, question?.nowMs),
  );
}

/** Tables for the Web UI; nothing as long as nobody has set a budget. */
export function budgetDetails({ budgets }: ControlState): string[] {
  if (budgets === undefined || Object.keys(budgets.limits).length === 0) return [];
  const report = budgetReport(budgets, Date.now());
  const rows = report.budgets.map((row) =>
    tableLine([
      row.scope.replace(/[|\r\n]/g, ' '),
      row.usdPerDay ?? 'none',
      row.spentUsd,
      row.reservedUsd,
      row.leftUsd ?? '',
      `${row.openLaunches} of ${row.concurrentLaunches ?? 'any'}`,
      row.refusals,
      row.overrunUsd,
    ]),
  );
  const more = rows.length > MAX_ROWS ? [`| and ${rows.length - MAX_ROWS} more | | | | | | | |`] : [];
  return [
    `### Budgets, ${report.day}`,
    tableLine(['scope', '$ a day', 'spent', 'reserved', 'left', 'launches', 'refused', 'overrun']),
    '|---|--:|--:|--:|--:|---|--:|--:|',
    ...rows.slice(0, MAX_ROWS),
    ...more,
    '',
  ];
}

/** A query sees the time of the last message; whoever asks may know better. */
function reportOf({ budgets }: ControlState, nowMs?: number): BudgetReport {
  const isTime = typeof nowMs === 'number' && Number.isFinite(nowMs) && Math.abs(nowMs) < 8e15;
  return budgetReport(budgets ?? emptyBudgetState(), isTime ? nowMs : Date.now());
}
