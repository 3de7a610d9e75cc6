import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { mine } from '../../speculation/mining/mine';
import type { ServerFlags } from '../connect';
import { ExitCode } from '../exit-code';
import { mineSessions } from '../mine/mine-report';
import { namespaceSource, readSessions } from '../mine/read-sessions';
import { OperatorError } from '../operator-error';
import { mineTable } from '../tables/mine-table';
import type { Terminal } from '../terminal';
import { useClient, withServerOptions } from './server-options';

interface MineFlags extends ServerFlags {
  query?: string;
  type?: string;
  limit: string;
  out?: string;
  operation?: string[];
  json?: boolean;
}

const INCOMPLETE = 2;
const COMPLETED = 'ExecutionStatus = "Completed"';

/** `runahead mine`: patterns for `mined` forecasts, from the histories of a namespace. */
export function addMineCommand(program: Command, terminal: Terminal): void {
  withServerOptions(program.command('mine'))
    .description('learn from workflow histories which outputs follow which calls, for forecasts of kind "mined"')
    .option('--query <query>', `runs that this visibility query matches (default: ${COMPLETED})`)
    .option('--type <type>', 'only runs of this workflow type')
    .option('--limit <runs>', 'most runs that are read, latest first', '1000')
    .option(
      '--operation <names...>',
      'activity types whose outputs are mined (default: those that differ and that later calls read)',
    )
    .option('--out <file>', 'write the patterns as JSON, for loadPatterns in a policy file')
    .option('--json', 'print what was mined as JSON')
    .addHelpText(
      'after',
      '\nRuns with launches are asked which of them they claimed; without a worker that is told from the history.' +
        '\nExit code: 0; 2 when some history could not be read and the rest was used; 1 when nothing was mined.',
    )
    .action((flags: MineFlags) => mineWith(flags, terminal));
}

async function mineWith(flags: MineFlags, terminal: Terminal): Promise<void> {
  const limit = runsFrom(flags.limit);
  const query = queryFrom(flags);
  const { report, patterns } = await useClient(flags, async (use) => {
    const read = await readSessions(namespaceSource(use, query), limit);
    return mineSessions(read, flags.operation ?? [], { namespace: use.namespace, query }, (sessions, operations) =>
      mine(sessions, { operations }),
    );
  });
  if (flags.out !== undefined) await write(flags.out, patterns);
  terminal.result(report, flags.json === true, mineTable);
  if (flags.out !== undefined && flags.json !== true) terminal.line(`patterns: ${flags.out}`);
  if (report.unread.length > 0) throw new ExitCode(INCOMPLETE);
}

function queryFrom({ query, type }: MineFlags): string {
  const runs = query ?? COMPLETED;
  if (type === undefined) return runs;
  if (type.includes('"')) throw new OperatorError(`--type ${type}: a workflow type with a quote cannot be asked for.`);
  return `(${runs}) AND WorkflowType = "${type}"`;
}

function runsFrom(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && Number.isSafeInteger(limit)) return limit;
  throw new OperatorError(`--limit is "${text}": use a whole number of at least 1.`);
}

async function write(file: string, patterns: object): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(patterns)}\n`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(`--out: ${file} cannot be written: ${reason}`, { cause });
  }
}
