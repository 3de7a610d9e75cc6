import type { Command } from 'commander';
import type { ServerFlags } from '../connect';
import { RunaheadClient } from '../runahead-client';
import { controlTable } from '../tables/control-table';
import { estimatorTable } from '../tables/estimator-table';
import { ledgerTable } from '../tables/ledger-table';
import type { Terminal } from '../terminal';
import { useClient, withServerOptions } from './server-options';

type BookFlags = ServerFlags & { json?: boolean };

/** `runahead ledger|estimator`: what was spent, what is known. */
export function addBookCommands(program: Command, terminal: Terminal): void {
  const ask = <T>(flags: BookFlags, question: (runahead: RunaheadClient) => Promise<T>, table: (answer: T) => string) =>
    useClient(flags, async ({ client, inTime }) => {
      const answer = await inTime(() => question(new RunaheadClient(client)));
      terminal.result(answer, flags.json === true, table);
    });

  withServerOptions(program.command('ledger'))
    .description('every attempt that a pipeline paid for, and the totals')
    .argument('<workflow-id>')
    .option('--json', 'print JSON')
    .action((workflowId: string, flags: BookFlags) =>
      ask(flags, (runahead) => runahead.ledger(workflowId), ledgerTable),
    );
  withServerOptions(program.command('estimator'))
    .description('what a pipeline was told about its operations; without an id, all that the control plane knows')
    .argument('[workflow-id]')
    .option('--json', 'print JSON')
    .action((workflowId: string | undefined, flags: BookFlags) =>
      workflowId === undefined
        ? ask(flags, (runahead) => runahead.controlEstimator(), controlTable)
        : ask(flags, (runahead) => runahead.estimator(workflowId), estimatorTable),
    );
}
