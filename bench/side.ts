import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL } from '../activities/model-roles';
import type { Effect } from '../activities/outbox';
import { PriceTable } from '../speculation/plugin/price-table';
import { startLocalModel } from '../workers/local-model';
import { startMeter, type Meter } from '../workers/meter';
import { scriptedAnswer } from '../workers/sample-model/script';
import type { SideSettings } from './side-worker';

/** One side of the comparison: a worker process of its own, with a model and a meter of its own. */
export interface Side {
  name: 'plain' | 'runahead';
  taskQueue: string;
  meter: Meter;
  /** What this side has done to the world so far. */
  effects: () => Promise<Effect[]>;
  stop: () => Promise<void>;
}

export interface SideOptions {
  name: Side['name'];
  taskQueue: string;
  /** Null for the server that the Temporal configuration names. */
  address: string | null;
  namespace: string;
  /** Folder for temporary files. */
  folder: string;
}

/** The side's worker process ended before it was ready. */
export class SideStartError extends Error {
  override readonly name = 'SideStartError';
  readonly code = 'SIDE_START_FAILED';
}

const OPENAI_URL = 'https://api.openai.com/v1';

/** Starts model, meter and worker of one side. Both sides get the same, apart from the plugin. */
export async function startSide(options: SideOptions): Promise<Side> {
  const { name, taskQueue } = options;
  const upstream = await startModel();
  const prices = new PriceTable();
  const rates = Object.fromEntries(Object.values(MODEL).map((model) => [model, prices.ratesFor(model)]));
  const meter = await startMeter({ upstreamUrl: upstream.baseUrl, rates });
  const outbox = join(options.folder, `${name}-outbox.jsonl`);
  const settings: SideSettings = { name, taskQueue, address: options.address, namespace: options.namespace };
  const worker = fork(join(__dirname, 'side-worker'), [JSON.stringify(settings)], {
    env: {
      ...process.env,
      OPENAI_BASE_URL: meter.baseUrl,
      RUNAHEAD_OUTBOX: outbox,
    },
    // Ctrl-C must reach this process first, which then stops the workers in order.
    detached: true,
  });
  await untilReady(worker, name);
  return {
    name,
    taskQueue,
    meter,
    effects: () => readEffects(outbox),
    stop: async () => {
      await endWorker(worker);
      await meter.stop();
      await upstream.stop();
    },
  };
}

/** The provider that the environment names; without one, the local model. */
async function startModel(): Promise<{ baseUrl: string; stop: () => Promise<void> }> {
  if ((process.env['OPENAI_API_KEY'] ?? '') !== '' || (process.env['OPENAI_BASE_URL'] ?? '') !== '') {
    return { baseUrl: process.env['OPENAI_BASE_URL'] ?? OPENAI_URL, stop: () => Promise.resolve() };
  }
  return startLocalModel({ script: scriptedAnswer, jitter: 0.1 });
}

async function untilReady(worker: ChildProcess, name: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new SideStartError(`The ${name} worker ended with code ${String(code)}`)));
  });
}

async function endWorker(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.disconnect();
  const impatience = setTimeout(() => worker.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(impatience);
}

async function readEffects(outbox: string): Promise<Effect[]> {
  const lines = await readFile(outbox, 'utf8').catch(() => '');
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Effect);
}
