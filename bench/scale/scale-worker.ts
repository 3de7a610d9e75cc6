import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { resolveServer } from '../../client/connect';
import { RunaheadPlugin } from '../../speculation/plugin';
import { freePort } from '../../workers/free-port';
import { scaleActivities, type ActivityCounts } from './activities';
import { policyOf, type Variant } from './variants';

/** What a worker process of this bench is told. */
export interface ScaleWorkerSettings {
  variant: Variant;
  taskQueue: string;
  address: string;
  namespace: string;
  /** Whether TLS, API key and the like come from the Temporal configuration: the server is not the bench's own. */
  configured: boolean;
  /** Files with the code of the pipelines, with or without the runtime, and of the control workflow. */
  bundlePath: string;
  controlBundlePath: string;
  /** Pipelines that it keeps in memory. */
  cached: number;
}

/** What a worker process says of itself when it is asked. */
export interface WorkerReading extends ActivityCounts {
  /** After garbage collection of the main thread; see `collectGarbage` for the thread of the pipelines. */
  residentBytes: number;
  /** Pipelines in memory, as the SDK counts them. */
  cachedPipelines: number;
}

export type ScaleWorkerMessage = { kind: 'ready' } | { kind: 'reading'; reading: WorkerReading };

const HOST = '127.0.0.1';

/** Serves one variant until the parent process lets go of it. */
async function serve(settings: ScaleWorkerSettings): Promise<void> {
  const { variant, taskQueue, address, namespace, configured, bundlePath, controlBundlePath, cached } = settings;
  const metricsPort = await freePort(HOST);
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: {
      logging: { filter: 'OFF' },
      metrics: { prometheus: { bindAddress: `${HOST}:${metricsPort}` } },
    },
  });
  const connection = await NativeConnection.connect(
    configured ? resolveServer({ address, namespace }).connectionOptions : { address },
  );
  const counts: ActivityCounts = { answers: 0, launches: 0, answered: 0 };
  const policy = policyOf(variant);
  const controlBundle = { codePath: controlBundlePath };
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: { codePath: bundlePath },
    activities: scaleActivities(counts),
    maxCachedWorkflows: cached,
    plugins:
      policy === null
        ? []
        : [new RunaheadPlugin({ policy, strict: 'off', controlBundle, logger: new DefaultLogger('ERROR') })],
  });
  const running = worker.run();
  process.once('disconnect', () => worker.shutdown());
  process.on('message', () => {
    void read(counts, metricsPort).then((reading) => say({ kind: 'reading', reading }));
  });
  say({ kind: 'ready' });
  await running;
  await connection.close();
}

async function read(counts: ActivityCounts, metricsPort: number): Promise<WorkerReading> {
  const metrics = await (await fetch(`http://${HOST}:${metricsPort}/metrics`)).text();
  global.gc?.();
  return { ...counts, residentBytes: process.memoryUsage.rss(), cachedPipelines: cachedIn(metrics) };
}

/** Of all task queues of the process; the control workflow is one where this process happens to host it. */
function cachedIn(metrics: string): number {
  return [...metrics.matchAll(/^temporal_sticky_cache_size(?:\{[^}]*\})? (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

function say(message: ScaleWorkerMessage): void {
  process.send?.(message);
}

const [settings] = process.argv.slice(2);
if (settings === undefined) throw new Error('A scale worker is started by the bench, with its settings as JSON');
serve(JSON.parse(settings) as ScaleWorkerSettings).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
