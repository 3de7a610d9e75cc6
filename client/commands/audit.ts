import type { Command } from 'commander';
import { mismatchesOf, type Mismatch } from '../decision-log/audit';
import { readDecisionLog, type BadRow } from '../decision-log/read-decision-log';
import { ExitCode } from '../exit-code';
import { OperatorError } from '../operator-error';
import type { Terminal } from '../terminal';

interface AuditFlags {
  json?: boolean;
}

interface AuditReport {
  /** Rows that were recomputed. */
  rows: number;
  /** Rows that do not follow from their own inputs. */
  wrongRows: number;
  mismatches: Mismatch[];
  bad: BadRow[];
}

const DOES_NOT_FOLLOW = 1;
const BAD_ROWS = 2;
const SHOWN = 50;

/** `runahead audit`: recomputes every row of an exported decision log. */
export function addAuditCommand(program: Command, terminal: Terminal): void {
  program
    .command('audit')
    .description('recompute every row of a decision log from the row itself')
    .argument('<file>', 'what "runahead decisions export" wrote: .jsonl or .parquet')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code: 0 all rows follow; 1 some row does not; 2 some row or the file cannot be read.')
    .action(async (file: string, flags: AuditFlags) => {
      const { rows, places, bad } = await readDecisionLog(file).catch((error: unknown) => {
        throw error instanceof OperatorError ? new ExitCode(BAD_ROWS, error.message, { cause: error }) : error;
      });
      const mismatches = rows.flatMap((record, index) => mismatchesOf(places[index] ?? 0, record));
      const wrongRows = new Set(mismatches.map(({ row }) => row)).size;
      const report: AuditReport = { rows: rows.length, wrongRows, mismatches, bad };
      terminal.result(report, flags.json === true, auditText);
      if (bad.length > 0) throw new ExitCode(BAD_ROWS);
      if (wrongRows > 0) throw new ExitCode(DOES_NOT_FOLLOW);
    });
}

function auditText({ rows, wrongRows, mismatches, bad }: AuditReport): string {
  const lines = [
    ...bad.map(({ row, problem }) => `row ${row} is left out: ${problem}`),
    ...mismatches.map(
      ({ row, workflowId, id, field, logged, recomputed }) =>
        `row ${row} (${workflowId}, decision ${id}): ${field} is ${JSON.stringify(logged)}, its inputs give ${JSON.stringify(recomputed)}`,
    ),
  ];
  const more = lines.length > SHOWN ? [`and ${lines.length - SHOWN} more (--json has all)`] : [];
  const summary = `${rows - wrongRows}/${rows} rows follow from their own inputs${bad.length === 0 ? '' : `; ${bad.length} could not be read`}`;
  return [...lines.slice(0, SHOWN), ...more, summary].join('\n');
}
