import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { MODEL } from '../../activities/model-roles';
import { RunaheadPlugin, WORKFLOW_INTERCEPTOR_PATH } from '../../speculation/plugin';
import { PriceTable } from '../../speculation/plugin/price-table';
import { startLocalModel } from '../../workers/local-model';
import { startMeter, type Meter } from '../../workers/meter';
import type { Moment } from './chaos-activities';
import { ChaosModel } from './chaos-faults';
import { chaosPolicy } from './chaos-policy';
import type { Drivers } from './drive-run';
import { KillableServer } from './killable-server';
import { seatOperation, type SeatWorld } from './seat-stage';
import { WorkerProcess } from './worker-process';

/** Everything that stands: a server that can be killed, two workers that can be killed, a model that misbehaves, and its meter. */
export interface ChaosStage {
  server: KillableServer;
  drivers: Drivers;
  model: ChaosModel;
  meter: Meter;
  workers: readonly WorkerProcess[];
  effectsFile: string;
  seats: SeatWorld;
  /** Runs the same pipelines without the plugin, and is never killed. */
  plain: { taskQueue: string; effectsFile: string };
  stop: () => Promise<void>;
}

export async function startChaosStage(
  seed: number,
  onMoment: (moment: Moment, run: number, worker: WorkerProcess) => void,
): Promise<ChaosStage> {
  const folder = await mkdtemp(join(tmpdir(), 'runahead-chaos-'));
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    // In the opposite order, and each although another one failed.
    for (const end of stops.splice(0).reverse()) await end().catch(() => undefined);
  };
  try {
    return { ...(await startParts(folder, seed, onMoment, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  folder: string,
  seed: number,
  onMoment: (moment: Moment, run: number, worker: WorkerProcess) => void,
  stops: (() => Promise<void>)[],
): Promise<Omit<ChaosStage, 'stop'>> {
  const server = await KillableServer.start(join(folder, 'temporal.db'));
  stops.push(() => server.stop());
  const model = new ChaosModel(seed);
  const upstream = await startLocalModel({ script: model.script, faults: model.faults, jitter: 0.3, seed });
  stops.push(() => upstream.stop());
  const faultless = await startLocalModel({ script: model.script });
  stops.push(() => faultless.stop());
  const prices = new PriceTable();
  const rates = Object.fromEntries(Object.values(MODEL).map((name) => [name, prices.ratesFor(name)]));
  const meter = await startMeter({ upstreamUrl: upstream.baseUrl, rates });
  stops.push(() => meter.stop());
  const { address, namespace } = server;
  const connection = await Connection.connect({ address });
  stops.push(() => connection.close());

  const bundles = await writeBundles(folder);
  const taskQueue = `chaos-${randomUUID()}`;
  const effectsFile = join(folder, 'effects.jsonl');
  const plain = { taskQueue: `plain-${randomUUID()}`, effectsFile: join(folder, 'plain-effects.jsonl') };
  const seats: SeatWorld = { databaseFile: join(folder, 'seats.db'), holdsFolder: join(folder, 'holds') };
  const settings = { address, namespace, taskQueue, effectsFile, bundlePath: bundles.ahead };
  const ahead = { controlBundlePath: bundles.control, seats };
  const workers = [1, 2].map(
    () => new WorkerProcess({ ...settings, ahead }, { OPENAI_BASE_URL: meter.baseUrl }, onMoment),
  );
  const plainWorker = new WorkerProcess(
    { ...settings, ...plain, bundlePath: bundles.bare, ahead: null },
    { OPENAI_BASE_URL: faultless.baseUrl },
    () => undefined,
  );
  const all = [...workers, plainWorker];
  stops.push(async () => {
    await Promise.all(all.map((worker) => worker.end()));
  });
  await Promise.all(all.map((worker) => worker.ready()));
  const plugin = new RunaheadPlugin({ policy: chaosPolicy(seatOperation(seats, () => undefined)) });
  const drivers: Drivers = {
    taskQueue,
    bare: new Client({ connection, namespace }),
    ahead: new Client({ connection, namespace, plugins: [plugin] }),
  };
  return { server, drivers, model, meter, workers, effectsFile, seats, plain };
}

async function writeBundles(folder: string): Promise<{ ahead: string; bare: string; control: string }> {
  const [ahead, bare, control] = [join(folder, 'ahead.js'), join(folder, 'bare.js'), join(folder, 'control.js')];
  const workflowsPath = require.resolve('./chaos-pipelines');
  await bundle(ahead, { workflowsPath, workflowInterceptorModules: [WORKFLOW_INTERCEPTOR_PATH] });
  await bundle(bare, { workflowsPath });
  await bundle(control, { workflowsPath: require.resolve('../../workflows/control') });
  return { ahead, bare, control };
}

async function bundle(
  file: string,
  options: { workflowsPath: string; workflowInterceptorModules?: string[] },
): Promise<void> {
  const { code } = await bundleWorkflowCode({ ...options, logger: new DefaultLogger('ERROR') });
  await writeFile(file, code);
}
