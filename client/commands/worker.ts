import { DefaultLogger, NativeConnection, Runtime, type LogLevel } from '@temporalio/worker';
import { Option, type Command } from 'commander';
import { modelIsConfigured, startLocalModelBeside } from '../../workers/local-model-beside';
import { SHIPPED_TASK_QUEUE } from '../../workers/shipped-pipelines';
import { startWorker } from '../../workers/worker';
import { resolveServer, unreachable, type ServerFlags } from '../connect';
import { withOrderlyEnd } from '../orderly-end';
import type { Terminal } from '../terminal';
import { withServerOptions } from './server-options';

interface WorkerFlags extends ServerFlags {
  taskQueue: string;
  logLevel: LogLevel;
}

/** `runahead worker`: a long-running worker for the pipelines that ship, until it is told to stop. */
export function addWorkerCommand(program: Command, terminal: Terminal): void {
  withServerOptions(program.command('worker'))
    .description('run a worker for the pipelines that ship; TLS and API key come from the TEMPORAL_ variables')
    .option('--task-queue <name>', 'task queue', SHIPPED_TASK_QUEUE)
    .addOption(
      new Option('--log-level <level>', 'what to log').choices(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
    )
    .action((flags: WorkerFlags) => withOrderlyEnd(() => runWorker(flags, terminal)));
}

async function runWorker(flags: WorkerFlags, terminal: Terminal): Promise<void> {
  const server = resolveServer(flags);
  Runtime.install({ logger: new DefaultLogger(flags.logLevel), telemetryOptions: { logging: { filter: 'WARN' } } });
  const connection = await NativeConnection.connect(server.connectionOptions).catch((cause: unknown) => {
    throw unreachable(server, cause);
  });
  const model = modelIsConfigured() ? null : await startLocalModelBeside();
  try {
    const { namespace } = server;
    const worker = await startWorker({ connection, namespace, taskQueue: flags.taskQueue });
    if (model !== null) terminal.line('No OPENAI_API_KEY and no OPENAI_BASE_URL: a local model answers.');
    terminal.line(`Worker on task queue ${flags.taskQueue}, namespace ${namespace} at ${server.address}`);
    await worker.finished;
    terminal.line('Worker stopped.');
  } finally {
    await model?.stop();
    await connection.close();
  }
}
