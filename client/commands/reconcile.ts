import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Option, type Command } from 'commander';
import { MergeConflictError } from '../../speculation/ledger/merge-conflict-error';
import type { ServerFlags } from '../connect';
import { ExitCode } from '../exit-code';
import { OperatorError } from '../operator-error';
import { readBooks } from '../reconcile/read-books';
import { reconcileReport, type ReconcileReport, type Window } from '../reconcile/reconcile-report';
import { reconcileTable } from '../tables/reconcile-table';
import type { Terminal } from '../terminal';
import { timeOf } from '../usage-export/export-record';
import { readUsageExport, type ExportFormat } from '../usage-export/read-usage-export';
import { UsageExportError } from '../usage-export/usage-export-error';
import { useClient, withServerOptions } from './server-options';

interface ReconcileFlags extends ServerFlags {
  format?: ExportFormat;
  query?: string;
  from?: string;
  to?: string;
  toleranceUsd: string;
  report?: string;
  json?: boolean;
}

const DIFFERENT = 1;
const BAD_INPUT = 2;
/** A bill of an estimated request may be off by a cent before it counts as a difference. */
const TOLERANCE_USD = '0.01';

/** `runahead reconcile`: the books of a namespace against a provider's usage export. */
export function addReconcileCommand(program: Command, terminal: Terminal): void {
  withServerOptions(program.command('reconcile'))
    .description("compare the books of a namespace with a provider's usage export, and list the differences")
    .argument('<export>', 'usage export: CSV, JSON or JSON Lines')
    .addOption(new Option('--format <format>', 'what the export is (default: by its name)').choices(['csv', 'json']))
    .option('--query <query>', 'only runs that this visibility query matches (default: all of the namespace)')
    .option('--from <time>', 'only requests that started then or later, such as 2026-11-24T00:00:00Z')
    .option('--to <time>', 'only requests that started before then')
    .option('--tolerance-usd <dollars>', 'most that an estimated bill may be off, for each request', TOLERANCE_USD)
    .option('--report <file>', 'write all of it as JSON')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 books and bill agree; 1 they differ, or some run could not be read; 2 nothing could be compared.',
    )
    .action((file: string, flags: ReconcileFlags) => reconcileWith(file, flags, terminal));
}

async function reconcileWith(file: string, flags: ReconcileFlags, terminal: Terminal): Promise<void> {
  let report: ReconcileReport;
  try {
    report = await compare(file, flags);
    if (flags.report !== undefined) await writeFile(flags.report, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    const isExplained =
      error instanceof OperatorError || error instanceof UsageExportError || error instanceof MergeConflictError;
    if (isExplained) throw new ExitCode(BAD_INPUT, error.message, { cause: error });
    throw error;
  }
  terminal.result(report, flags.json === true, reconcileTable);
  if (!report.agrees) throw new ExitCode(DIFFERENT);
}

async function compare(file: string, flags: ReconcileFlags): Promise<ReconcileReport> {
  const window = { fromMs: timeFrom('--from', flags.from), toMs: timeFrom('--to', flags.to) };
  const toleranceUsd = dollarsFrom('--tolerance-usd', flags.toleranceUsd);
  // What is wrong with the input is said before anybody is asked, and before anybody waits.
  const usage = await readUsageExport(file, flags.format ?? null);
  if (flags.report !== undefined) await usable(flags.report);
  return useClient(flags, async (use) => {
    const books = await readBooks(use, runsOf(flags.query, window));
    return reconcileReport(usage, books, { namespace: use.namespace, file, window, toleranceUsd });
  });
}

/** Runs that may have made a request within the window. */
function runsOf(query: string | undefined, { fromMs, toMs }: Window): string {
  const time = (ms: number): string => `"${new Date(ms).toISOString()}"`;
  return [
    ...(query === undefined ? [] : [`(${query})`]),
    ...(toMs === null ? [] : [`StartTime < ${time(toMs)}`]),
    ...(fromMs === null ? [] : [`(CloseTime >= ${time(fromMs)} OR ExecutionStatus = "Running")`]),
  ].join(' AND ');
}

function timeFrom(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const time = timeOf(text);
  if (time !== null) return time;
  throw new OperatorError(`${option} is "${text}": use a date such as 2026-11-24T12:00:00Z, or seconds since 1970.`);
}

function dollarsFrom(option: string, text: string): string {
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  throw new OperatorError(`${option} is "${text}": use US dollars of at least 0, such as 0.005.`);
}

async function usable(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
  } catch (cause) {
    throw new OperatorError(`--report: ${file} cannot be written (${String(cause)}).`, { cause });
  }
}
