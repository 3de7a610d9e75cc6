import { setTimeout as pause } from 'node:timers/promises';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Worker,
  type NativeConnection,
  type WorkerOptions,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import { CONTROL_TASK_QUEUE } from '../runtime/protocol';
import { controlTurn } from './control-turn';
import type { WarnOnce } from './warn-once';

type DataConverter = WorkerOptions['dataConverter'];

/** The control workflow's code by the converters that are built into it; building it takes seconds. */
const bundles = new Map<string, Promise<WorkflowBundleOption>>();

/** The code of the control workflow, built once for each process. */
export function controlBundle(dataConverter: DataConverter): Promise<WorkflowBundleOption> {
  const { payloadConverterPath, failureConverterPath } = dataConverter ?? {};
  const key = JSON.stringify([payloadConverterPath, failureConverterPath]);
  let bundle = bundles.get(key);
  if (bundle === undefined) {
    bundle = bundleWorkflowCode({
      workflowsPath: require.resolve('../../workflows/control'),
      ...(payloadConverterPath === undefined ? {} : { payloadConverterPath }),
      ...(failureConverterPath === undefined ? {} : { failureConverterPath }),
      logger: new DefaultLogger('WARN'),
    });
    bundle.catch(() => bundles.delete(key));
    bundles.set(key, bundle);
  }
  return bundle;
}

const FIRST_RESTART_MS = 500;
const LONGEST_RESTART_MS = 10_000;
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Runs the control workflow beside a worker, on the worker's own connection, until stopped; of several on one connection one does, and the
 * next takes over when it stops. What ends it otherwise, such as a server that
 * is away for long, does so with a warning, and it is tried again.
 */
export class ControlHost {
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #worker: Worker | null = null;

  constructor(
    private readonly options: {
      connection: NativeConnection;
      namespace: string;
      dataConverter: DataConverter;
      bundle: Promise<WorkflowBundleOption>;
      warnOnce: WarnOnce;
    },
  ) {
    void options.bundle.then(
      (bundle) => {
        // The connection must not be in use any more once `stop` has returned.
        if (!this.#stop.signal.aborted) this.#running = this.#run(bundle);
      },
      (error: unknown) => this.#warn(error),
    );
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    if (this.#worker?.getState() === 'RUNNING') this.#worker.shutdown();
    await this.#running;
  }

  async #run(workflowBundle: WorkflowBundleOption): Promise<void> {
    const { signal } = this.#stop;
    const { connection, namespace } = this.options;
    const endTurn = await controlTurn(connection, namespace, signal);
    try {
      if (endTurn !== null) await this.#keepServing(workflowBundle);
    } finally {
      endTurn?.();
    }
  }

  async #keepServing(workflowBundle: WorkflowBundleOption): Promise<void> {
    const { signal } = this.#stop;
    for (let restartMs = FIRST_RESTART_MS; !signal.aborted; restartMs = Math.min(2 * restartMs, LONGEST_RESTART_MS)) {
      try {
        await this.#serve(workflowBundle);
        return;
      } catch (error) {
        this.#warn(error);
        await pause(restartMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  /** Resolves when the worker was shut down. */
  async #serve(workflowBundle: WorkflowBundleOption): Promise<void> {
    const { connection, namespace, dataConverter } = this.options;
    // A worker that cannot be made leaves the threads behind that were made for it, at every try; so the server is asked first.
    await connection.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    if (this.#isStopped()) return;
    this.#worker = await Worker.create({
      connection,
      namespace,
      taskQueue: CONTROL_TASK_QUEUE,
      workflowBundle,
      ...(dataConverter === undefined ? {} : { dataConverter }),
      // It has none; without any, the SDK would warn at every start.
      activities: { runaheadControlIdle: () => Promise.resolve() },
      enableNonLocalActivities: false,
      // The first query after a restart is sent to the worker that is gone; this is how long it waits there.
      stickyQueueScheduleToStartTimeout: '300ms',
      // A question that meets continue-as-new goes to the run that has just ended, which is then replayed; the current one goes on.
      maxCachedWorkflows: 6,
      maxConcurrentWorkflowTaskExecutions: 6,
      workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 4 },
    });
    const running = this.#worker.run();
    // `stop` may have come while the worker was being made.
    if (this.#isStopped()) this.#worker.shutdown();
    await running;
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #warn(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.options.warnOnce(
      'control-host',
      `The control workflow cannot run beside this worker (${reason}); it is tried again.`,
    );
  }
}
