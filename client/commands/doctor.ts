import { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { connect, resolveServer, type ServerFlags } from '../connect';
import { probeLine } from '../doctor/cancel-probe';
import { problem, reasonOf, type DoctorLine } from '../doctor/doctor-line';
import { installationLines, policyLine } from '../doctor/installation';
import { modelLine } from '../doctor/model-line';
import { serverLines } from '../doctor/server-lines';
import { explainFailure } from '../explain-failure';
import { ExitCode } from '../exit-code';
import { doctorTable } from '../tables/doctor-table';
import type { Terminal } from '../terminal';
import { withServerOptions } from './server-options';

interface DoctorFlags extends ServerFlags {
  policy?: string;
  probe?: boolean;
  json?: boolean;
}

const PROBLEMS = 1;
const ANSWER_TIMEOUT_MS = 10_000;

/** `runahead doctor`: one look at whether everything is there. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  withServerOptions(program.command('doctor'))
    .description('look at server, namespace, control workflow, model and installation, and say what to do')
    .option('--policy <file>', 'load this policy too: a JavaScript module that exports it')
    .option('--probe', 'measure how long a cancel takes, with a worker and workflows on a task queue of its own')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code: 0 no problem, warnings or not; 1 some problem.')
    .action(async (flags: DoctorFlags) => {
      const lines = [
        ...installationLines(),
        ...(flags.policy === undefined ? [] : [await policyLine(flags.policy)]),
        await modelLine(),
        ...(await reached(flags)),
      ];
      terminal.result(lines, flags.json === true, doctorTable);
      if (lines.some(({ status }) => status === 'problem')) throw new ExitCode(PROBLEMS);
    });
}

/** What is to be said of a server, also when it does not answer: then that is the line. */
async function reached(flags: DoctorFlags): Promise<DoctorLine[]> {
  try {
    const server = resolveServer(flags);
    const { address, namespace } = server;
    const connection = await connect(server);
    const client = new Client({ connection, namespace });
    try {
      const inTime = <T>(call: () => Promise<T>): Promise<T> =>
        client.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, call);
      const lines = await serverLines({ client, connection, address, namespace, inTime });
      if (flags.probe === true) lines.push(await probeLine(server, client));
      return lines;
    } catch (error) {
      return [problem('server', explainFailure(error, address, namespace), 'Look at the log of the server.')];
    } finally {
      await connection.close();
    }
  } catch (error) {
    const wayOut = 'Start one with npx runahead dev, or name yours with --address or TEMPORAL_ADDRESS.';
    return [problem('server', reasonOf(error), wayOut)];
  }
}
