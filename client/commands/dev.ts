import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Command } from 'commander';
import pc from 'picocolors';
import { modelIsConfigured, startLocalModelBeside } from '../../workers/local-model-beside';
import { SHIPPED_TASK_QUEUE } from '../../workers/shipped-pipelines';
import { startDevServer } from '../../workers/temporal-server';
import { startWorker } from '../../workers/worker';
import { OperatorError } from '../operator-error';
import { withOrderlyEnd } from '../orderly-end';
import type { Terminal } from '../terminal';

interface DevFlags {
  port: string;
  uiPort: string;
  dbFilename?: string;
}

/** `runahead dev`: everything that the pipelines need, on this machine, until Ctrl-C. */
export function addDevCommand(program: Command, terminal: Terminal): void {
  program
    .command('dev')
    .description('run a Temporal server, a worker, a model and the Web UI on this machine, until Ctrl-C')
    .option('--port <number>', 'port of the server; 0 for a free one', '7233')
    .option('--ui-port <number>', 'port of the Web UI; 0 for a free one', '8233')
    .option('--db-filename <file>', 'keep pipelines in this file (default: forget them at the end)')
    .action((flags: DevFlags) => withOrderlyEnd(() => runDev(flags, terminal)));
}

async function runDev(flags: DevFlags, terminal: Terminal): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN'), telemetryOptions: { logging: { filter: 'WARN' } } });
  const port = portFrom('--port', flags.port);
  const uiPort = portFrom('--ui-port', flags.uiPort);
  const server = await startDevServer({
    ...(port !== 0 && { port }),
    ...(uiPort !== 0 && { uiPort }),
    ...(flags.dbFilename !== undefined && { dbFilename: flags.dbFilename }),
    log: (line) => terminal.notice(line),
  });
  const { address, namespace } = server;
  try {
    const model = modelIsConfigured() ? null : await startLocalModelBeside();
    try {
      const connection = await NativeConnection.connect({ address });
      const worker = await startWorker({ connection, namespace });
      const elsewhere = port === 7233 ? '' : ` --address ${address}`;
      terminal.line(`${pc.bold('Temporal')}  ${address}`);
      terminal.line(`${pc.bold('Web UI')}    ${server.uiUrl ?? 'off'}`);
      terminal.line(
        `${pc.bold('Model')}     ${model === null ? 'the provider in the environment' : `local, ${model.baseUrl}`}`,
      );
      terminal.line(`${pc.bold('Worker')}    task queue ${SHIPPED_TASK_QUEUE}`);
      terminal.line(`${pc.bold('Try')}       npx runahead start autoReply --wait${elsewhere}`);
      terminal.line(pc.dim('Ctrl-C ends all of it.'));
      await worker.finished;
      await connection.close();
      if (model !== null) terminal.line(`The model delivered ${model.meter.totalUsd()} dollars' worth.`);
    } finally {
      await model?.stop();
    }
  } finally {
    await server.stop();
  }
}

function portFrom(option: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new OperatorError(`${option} is "${text}": use a port number from 1 to 65535, or 0 for a free one.`);
}
