import { setTimeout as pause } from 'node:timers/promises';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { RunaheadClient } from '../../client/runahead-client';
import { RunaheadPlugin } from '../../speculation/plugin';
import type { MeteredServer } from '../measure/metered-server';
import { cancellingActivities, type Question } from './activities';
import { cancellingPolicy } from './policy';
import { refutedLaunch, type RefutedLaunch } from './refuted-launch';
import type { CancelSetting, Refuted } from './setting';

/** A worker with one setting, and what its pipelines are made of. */
export interface CancelStage {
  /** Runs a pipeline whose forecast is refuted, to its end. */
  measure: (refuted: Refuted, index: number) => Promise<RefutedLaunch>;
  /** Lets the history learn what will be refuted. */
  teach: (lessons: number) => Promise<void>;
  stop: () => Promise<void>;
}

const PIPELINE: Record<Refuted, string> = { 'by-answer': 'refutedByAnswer', 'by-stream': 'refutedByStream' };
/** The pipeline must still run when its launch has ended, or the bill comes late. */
const ROOM_SECONDS = 0.35;
const TOKENS_A_SECOND = 200;
const PATIENCE_MS = 10_000;

export function bundleCancelling(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: require.resolve('./workflows'),
    plugins: [new RunaheadPlugin({ policy: cancellingPolicy })],
    logger: SILENT,
  });
}

export async function startCancelStage(
  server: MeteredServer,
  setting: CancelSetting,
  workflowBundle: WorkflowBundleWithSourceMap,
): Promise<CancelStage> {
  const { client, nativeConnection, namespace, model, meter } = server;
  const plugin = new RunaheadPlugin({ policy: cancellingPolicy, heartbeatThrottleMs: setting.throttleMs });
  const taskQueue = `cancelling-${setting.throttleMs}`;
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace,
    taskQueue,
    workflowBundle,
    activities: cancellingActivities(model),
    plugins: [plugin],
  });
  const finished = worker.run();
  finished.catch(() => undefined);
  const starter = new Client({ connection: client.connection, namespace, plugins: [plugin] });
  const books = new RunaheadClient(client);
  const answerTokens = Math.ceil((setting.throttleMs / 1000 + ROOM_SECONDS) * TOKENS_A_SECOND);
  const start = (type: string, id: string, argument: unknown): Promise<WorkflowHandle> =>
    starter.workflow.start(type, { taskQueue, workflowId: `${taskQueue}-${id}`, args: [argument] });
  return {
    measure: async (refuted, index) => {
      const id = `${refuted}-${index}`;
      const handle = await start(PIPELINE[refuted], id, { id, answerTokens } satisfies Question);
      await handle.result();
      await untilClosed(() => meter.invoice().every(({ closedAtMs }) => closedAtMs !== null));
      return refutedLaunch(handle, refuted, { books, meter });
    },
    teach: async (lessons) => {
      await (await start('teach', 'lessons', lessons)).result();
      await plugin.synchronise(namespace);
    },
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}

/** Other pipelines speak at the same time, so not for ever. */
async function untilClosed(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!condition() && Date.now() < deadline) await pause(5);
}

function nothing(): void {
  // Bundling says a lot that nobody needs here.
}

const SILENT = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
