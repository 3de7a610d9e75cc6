import type { Command } from 'commander';
import type { ServerFlags } from '../connect';
import { ALL_PIPELINES, exportDecisions, type ExportReport } from '../decision-log/export-decisions';
import { decisionLogWriter } from '../decision-log/write-decision-log';
import { OperatorError } from '../operator-error';
import { RunaheadClient } from '../runahead-client';
import { decisionsTable } from '../tables/decisions-table';
import type { Terminal } from '../terminal';
import { useClient, withServerOptions } from './server-options';

type ShowFlags = ServerFlags & { json?: boolean };
type ExportFlags = ServerFlags & { out: string; workflowId?: string; query?: string; json?: boolean };

/** `runahead decisions`: what a pipeline decided, on the terminal or, of many pipelines, in a file. */
export function addDecisionsCommand(program: Command, terminal: Terminal): void {
  const decisions = withServerOptions(program.command('decisions'))
    .enablePositionalOptions()
    .description('what a pipeline launched early and what it held back, and why')
    .argument('<workflow-id>')
    .option('--json', 'print JSON')
    .action((workflowId: string, flags: ShowFlags) =>
      useClient(flags, async ({ client, inTime }) => {
        const rows = await inTime(() => new RunaheadClient(client).decisions(workflowId));
        terminal.result(rows, flags.json === true, decisionsTable);
      }),
    );
  withServerOptions(decisions.command('export'))
    .description('write the decisions of pipelines to a file, one row each')
    .requiredOption('--out <file>', 'where to; ends in .jsonl (rows) or .parquet (columns)')
    .option('--workflow-id <id>', 'one pipeline (default: all of the namespace)')
    .option('--query <query>', `pipelines that this visibility query matches (default: ${ALL_PIPELINES})`)
    .option('--json', 'print the summary as JSON')
    .action((flags: ExportFlags) => exportTo(flags, terminal));
}

async function exportTo(flags: ExportFlags, terminal: Terminal): Promise<void> {
  const { workflowId, query, out } = flags;
  if (workflowId !== undefined && query !== undefined) {
    throw new OperatorError('Name the pipelines once: --workflow-id for one, or --query for all that match.');
  }
  const matching = workflowId === undefined ? (query ?? ALL_PIPELINES) : `WorkflowId = ${JSON.stringify(workflowId)}`;
  const report = await useClient(flags, async (use) => {
    const writer = await decisionLogWriter(out);
    const exported = await exportDecisions(use, matching, (records) => writer.write(records));
    await writer.end();
    return exported;
  });
  terminal.result(report, flags.json === true, (each) => summary(each, out));
  if (report.pipelines === 0) throw new OperatorError(`No pipeline matches ${matching}.`);
  if (report.unanswered.length > 0) throw new OperatorError(unansweredLines(report));
}

function summary({ rows, pipelines, unanswered }: ExportReport, out: string): string {
  return `${rows} decisions of ${pipelines - unanswered.length}/${pipelines} pipelines in ${out}`;
}

function unansweredLines({ unanswered }: ExportReport): string {
  return unanswered.map(({ workflowId, reason }) => `${workflowId} gave no answer: ${reason}`).join('\n');
}
