import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createModelClient } from '../../activities/model-client';
import { RunaheadClient } from '../../client/runahead-client';
import { RunaheadPlugin, WORKFLOW_INTERCEPTOR_PATH } from '../../speculation/plugin/runahead-plugin';
import { PriceTable } from '../../speculation/plugin/price-table';
import { startLocalModel } from '../../workers/local-model';
import { startMeter, type Meter } from '../../workers/meter';
import { startMeteredServer, type MeteredServer } from '../measure/metered-server';
import { replayActivities, type Effect } from './activities';
import { AGENT_MODEL, agentModel, DRAFT_MODEL } from './agent-model';
import type { Contestant } from './contestants';
import { airlinePolicy, type PolicyContext } from './policy';

export interface StageOptions extends PolicyContext {
  contestants: readonly Contestant[];
  seed: number;
  say: (line: string) => void;
}

/** Where the conversations of one contestant run: a namespace, a worker, a model with a cache of its own, and a meter. */
export interface Lane {
  contestant: Contestant;
  client: Client;
  taskQueue: string;
  books: RunaheadClient;
  meter: Meter;
  /** What was done that cannot be taken back, oldest first. */
  effects: Effect[];
}

export interface AirlineStage {
  lanes: readonly Lane[];
  stop: () => Promise<void>;
}

const RETENTION_SECONDS = 86_400;
const PATIENCE_MS = 30_000;
const RETRY_MS = 50;
const MODELS = [AGENT_MODEL, DRAFT_MODEL];
const QUIET = new DefaultLogger('ERROR');

/** One server; nobody learns from anybody else's runs, and nobody's prompts are in anybody else's cache. */
export async function startAirlineStage(options: StageOptions): Promise<AirlineStage> {
  const { contestants, say } = options;
  const server = await startMeteredServer({ script: agentModel(options), models: MODELS, say });
  const running: (() => Promise<void>)[] = [server.stop];
  const stop = async (): Promise<void> => {
    for (let end = running.pop(); end !== undefined; end = running.pop()) await end();
  };
  try {
    const bundles = await bundle();
    const lanes: Lane[] = [];
    for (const [index, contestant] of contestants.entries()) {
      lanes.push(await startLane(`airline-${index}`, contestant, { ...options, server, bundles, running }));
    }
    return { lanes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Bundles {
  plain: WorkflowBundleWithSourceMap;
  runahead: WorkflowBundleWithSourceMap;
}

async function bundle(): Promise<Bundles> {
  const workflowsPath = require.resolve('../../workflows/tool-agent');
  const [plain, runahead] = await Promise.all([
    bundleWorkflowCode({ workflowsPath, logger: QUIET }),
    bundleWorkflowCode({ workflowsPath, workflowInterceptorModules: [WORKFLOW_INTERCEPTOR_PATH], logger: QUIET }),
  ]);
  return { plain, runahead };
}

interface LaneOptions extends StageOptions {
  server: MeteredServer;
  bundles: Bundles;
  /** What has to be stopped, in reverse order. */
  running: (() => Promise<void>)[];
}

async function startLane(namespace: string, contestant: Contestant, options: LaneOptions): Promise<Lane> {
  const { server, bundles, running } = options;
  const { connection } = server.client;
  await registerNamespace(server.client, namespace);
  const local = await startLocalModel({ script: agentModel(options) });
  running.push(local.stop);
  const prices = new PriceTable();
  const rates = Object.fromEntries(MODELS.map((name) => [name, prices.ratesFor(name)]));
  const meter = await startMeter({ upstreamUrl: local.baseUrl, rates });
  running.push(meter.stop);
  const effects: Effect[] = [];
  const isPlain = contestant.policy === 'plain';
  const plugins = isPlain ? [] : [new RunaheadPlugin({ policy: airlinePolicy(contestant, options), logger: QUIET })];
  const taskQueue = 'airline';
  const worker = await Worker.create({
    connection: server.nativeConnection,
    namespace,
    taskQueue,
    workflowBundle: isPlain ? bundles.plain : bundles.runahead,
    activities: replayActivities({
      ...options,
      model: createModelClient(meter.baseUrl),
      onEffect: (effect) => void effects.push(effect),
    }),
    plugins,
  });
  const finished = worker.run();
  finished.catch(() => undefined);
  running.push(async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await finished;
  });
  const client = new Client({ connection, namespace, plugins });
  return { contestant, client, taskQueue, books: new RunaheadClient(client), meter, effects };
}

async function registerNamespace({ connection }: Client, namespace: string): Promise<void> {
  const { workflowService } = connection;
  await workflowService.registerNamespace({
    namespace,
    // The type asks for a `Long`; a number is encoded as well.
    workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as never },
  });
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await workflowService.describeNamespace({ namespace });
      return;
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await pause(RETRY_MS);
  }
}
