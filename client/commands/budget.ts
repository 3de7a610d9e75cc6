import type { Command } from 'commander';
import { parseScope } from '../../speculation/budget/budget-scope';
import { budgetChangeFrom, type BudgetFlags } from '../budget-change';
import type { ServerFlags } from '../connect';
import { RunaheadClient } from '../runahead-client';
import { budgetTable } from '../tables/budget-table';
import type { Terminal } from '../terminal';
import { useClient, withServerOptions } from './server-options';

interface JsonFlag {
  json?: boolean;
}

const SCOPES = '*, pipeline:<type>, tenant:<name>, or tenant:* for each tenant without a budget of its own';

/** `runahead budget get|set`: what pipelines share, and where it stands today. */
export function addBudgetCommand(program: Command, terminal: Terminal): void {
  const budget = program
    .command('budget')
    .description('what early launches may cost a day, and how many may run at once');
  withServerOptions(budget.command('get'))
    .description('show budgets, what is spent, reserved and left today, and what was refused')
    .option('--scope <scope>', `only this one: ${SCOPES}`)
    .option('--json', 'print JSON')
    .action((flags: ServerFlags & JsonFlag & { scope?: string }) => getBudgets(flags, terminal));
  withServerOptions(budget.command('set'))
    .description('set a budget; workers obey it at once, or within two seconds where there was none')
    .requiredOption('--scope <scope>', SCOPES)
    .option('--usd-per-day <dollars>', 'most that launches and drafts may cost on one UTC day; none for no bound')
    .option('--concurrent-launches <number>', 'launches and drafts that may run at the same time; none for no bound')
    .option('--json', 'print JSON')
    .action((flags: ServerFlags & JsonFlag & BudgetFlags) => setBudget(flags, terminal));
}

async function getBudgets(flags: ServerFlags & JsonFlag & { scope?: string }, terminal: Terminal): Promise<void> {
  const scope = flags.scope === undefined ? null : parseScope(flags.scope);
  await useClient(flags, async ({ client, inTime }) => {
    const report = await inTime(() => new RunaheadClient(client).budgets());
    const wanted =
      scope === null ? report : { ...report, budgets: report.budgets.filter((row) => row.scope === scope) };
    terminal.result(wanted, flags.json === true, budgetTable);
  });
}

async function setBudget(flags: ServerFlags & JsonFlag & BudgetFlags, terminal: Terminal): Promise<void> {
  const { scope, change } = budgetChangeFrom(flags);
  await useClient(flags, async ({ client, inTime }) => {
    const row = await inTime(() => new RunaheadClient(client).setBudget(scope, change));
    terminal.result(row, flags.json === true, (set) => budgetTable({ budgets: [set], recentRefusals: [] }));
  });
}
