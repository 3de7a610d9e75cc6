import { setTimeout as pause } from 'node:timers/promises';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { shippedPolicy } from '../activities/policy';
import { shippedActivities } from '../activities/shipped';
import type { Policy } from '../speculation/plugin/policy-file';
import { RunaheadPlugin } from '../speculation/plugin';
import { SHIPPED_TASK_QUEUE } from './shipped-pipelines';
import { controlBundle, shippedWorkflows } from './workflow-bundle';

export interface StartWorkerOptions {
  connection: NativeConnection;
  /** @default "default" */
  namespace?: string;
  /** @default "runahead" */
  taskQueue?: string;
  /** @default the policy of the pipelines that ship */
  policy?: Policy;
  /** @default those of the pipelines that ship */
  activities?: object;
  /** Whatever else a Temporal worker takes. */
  workerOptions?: Partial<WorkerOptions>;
}

export interface RunningWorker {
  /** Settles when the worker has drained and stopped, on a shutdown signal or after `stop`. */
  finished: Promise<void>;
  /** Takes no more work, lets what runs end within the grace time, and waits for that. */
  stop: () => Promise<void>;
}

const SHUTDOWN_GRACE = '10s';

/**
 * Starts a long-running worker with Runahead.
 *
 * @throws PolicyError when the policy does not fit the activities
 */
export async function startWorker(options: StartWorkerOptions): Promise<RunningWorker> {
  const plugin = new RunaheadPlugin({ policy: options.policy ?? shippedPolicy, ...controlBundle() });
  const worker = await Worker.create({
    ...shippedWorkflows(),
    activities: options.activities ?? shippedActivities,
    shutdownGraceTime: SHUTDOWN_GRACE,
    ...options.workerOptions,
    connection: options.connection,
    namespace: options.namespace ?? 'default',
    taskQueue: options.taskQueue ?? SHIPPED_TASK_QUEUE,
    plugins: [...(options.workerOptions?.plugins ?? []), plugin],
  });
  const finished = worker.run();
  // Awaited by whoever asks; a failure before that must not end the process unexplained.
  finished.catch(() => undefined);
  return {
    finished,
    stop: async () => {
      const isOver = finished.then(nothing, nothing).then(() => true);
      // A worker first asks the control workflow what is known; until then it cannot be shut down.
      while (worker.getState() === 'INITIALIZED' && (await Promise.race([isOver, pause(10)])) !== true);
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}

function nothing(): void {
  // Whether it failed is told to whoever waits for it.
}
