import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { RunaheadClient } from '../../client/runahead-client';
import { definePolicy } from '../../speculation/plugin';
import { startWorker, type RunningWorker } from '../../workers/worker';

/** Two workers on one connection, of which the first is stopped at once: a process of its own, which has to end by itself. */
async function serve(address: string): Promise<void> {
  const logger = new DefaultLogger('WARN');
  Runtime.install({ logger, telemetryOptions: { logging: { filter: 'WARN' } } });
  const connection = await NativeConnection.connect({ address });
  const start = (taskQueue: string): Promise<RunningWorker> =>
    startWorker({
      connection,
      taskQueue,
      policy: definePolicy({ activities: {} }),
      activities: {},
      workerOptions: { workflowsPath: require.resolve('../cli-workflows') },
    });
  const brief = await start('brief');
  const long = await start('long');
  await brief.stop();
  process.stdout.write('the first has stopped\n');
  const clients = await Connection.connect({ address });
  const { alpha } = await untilAnswered(() => new RunaheadClient(new Client({ connection: clients })).controlKnob());
  process.stdout.write(`the control workflow answers: alpha ${alpha}\n`);
  await long.stop();
  await clients.close();
  await connection.close();
  process.stdout.write('the second has stopped\n');
}

/** The next host needs a moment to take over; a question that came before waits for it and may run out of time. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

const [address = ''] = process.argv.slice(2);
serve(address).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
