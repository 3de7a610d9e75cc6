import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { shippedPolicy } from '../activities/policy';
import { shippedActivities } from '../activities/shipped';
import { RunaheadPlugin } from '../speculation/plugin';

/** What a worker process of the comparison is told. */
export interface SideSettings {
  name: 'plain' | 'runahead';
  taskQueue: string;
  /** Null for the server that the Temporal configuration names. */
  address: string | null;
  namespace: string;
}

/** Serves one side until the parent process lets go of it. The two sides differ by the plugin, and by nothing else. */
async function serve({ name, taskQueue, address, namespace }: SideSettings): Promise<void> {
  // Warnings of the SDK would tear the progress line.
  Runtime.install({ telemetryOptions: { logging: { filter: 'ERROR' } }, logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect(
    address === null ? loadClientConnectConfig().connectionOptions : { address },
  );
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowsPath: require.resolve('../workflows'),
    activities: shippedActivities,
    ...(name === 'runahead' ? { plugins: [new RunaheadPlugin({ policy: shippedPolicy })] } : {}),
  });
  const running = worker.run();
  process.once('disconnect', () => worker.shutdown());
  process.send?.('ready');
  await running;
  await connection.close();
}

const [settings] = process.argv.slice(2);
if (settings === undefined) throw new Error('A side worker is started by the comparison, with its settings as JSON');
serve(JSON.parse(settings) as SideSettings).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
