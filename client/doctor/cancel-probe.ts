import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type InjectedSinks } from '@temporalio/worker';
import type { cancelProbe, CancelProbeActivities, CancelProbeSinks } from '../../workflows/cancel-probe';
import type { Server } from '../connect';
import { fine, problem, reasonOf, warning, type DoctorLine } from './doctor-line';
import { PUSH_NEEDS } from '../../speculation/plugin/cancellation-check';
import { DEFAULT_HEARTBEAT_THROTTLE_MS } from '../../speculation/plugin/worker-options';

/** A cancel that has not been pushed by then is taken for one that never will be. */
const BOUND_MS = 3_000;
const TRIES = 5;
const BEAT_MS = 50;

/** How long cancels took from the decision to the call's own signal, milliseconds. */
interface Probe {
  pushedMs: number[];
  /** Measured where nothing is pushed. */
  heartbeatMs: number[];
}

/** Cancels calls that never beat, on a task queue of its own; where that does not arrive, calls that do. Leaves nothing behind. */
export async function probeLine(server: Server, client: Client): Promise<DoctorLine> {
  const name = 'cancel probe';
  try {
    const { pushedMs, heartbeatMs } = await probe(server, client);
    if (pushedMs.length === TRIES)
      return fine(name, `pushed, ${shown(pushedMs)} from the decision to a call that never beats`);
    if (heartbeatMs.length === 0) {
      return problem(
        name,
        `no cancel arrived within ${BOUND_MS} ms, not with a heartbeat either`,
        'Look at the log of the server.',
      );
    }
    const found = `by heartbeat, ${shown(heartbeatMs)}; not pushed within ${BOUND_MS} ms`;
    return warning(name, found, `Pushing takes ${PUSH_NEEDS}.`);
  } catch (error) {
    return problem(
      name,
      `could not be made: ${reasonOf(error)}`,
      'Starting workflows and workers in the namespace has to be allowed.',
    );
  }
}

async function probe(server: Server, client: Client): Promise<Probe> {
  quietRuntime();
  const connection = await NativeConnection.connect(server.connectionOptions);
  const started: string[] = [];
  try {
    const call = new ProbedCall();
    const taskQueue = `runahead-doctor-${randomUUID()}`;
    const worker = await Worker.create({
      connection,
      namespace: server.namespace,
      taskQueue,
      workflowsPath: require.resolve('../../workflows/cancel-probe'),
      activities: call.activities,
      sinks: call.sinks,
      maxHeartbeatThrottleInterval: DEFAULT_HEARTBEAT_THROTTLE_MS,
      defaultHeartbeatThrottleInterval: DEFAULT_HEARTBEAT_THROTTLE_MS,
      shutdownGraceTime: 0,
    });
    const measure = async (beats: boolean): Promise<number | null> => {
      const workflowId = `${taskQueue}-${started.length + 1}`;
      started.push(workflowId);
      call.reset();
      const arrived = await client.workflow.execute<typeof cancelProbe>('cancelProbe', {
        taskQueue,
        workflowId,
        workflowExecutionTimeout: '60s',
        args: [beats],
      });
      return arrived ? call.latencyMs() : null;
    };
    return await worker.runUntil(async () => {
      const pushedMs = await several(() => measure(false));
      return { pushedMs, heartbeatMs: pushedMs.length > 0 ? [] : await several(() => measure(true)) };
    });
  } finally {
    for (const workflowId of started) await remove(client, server.namespace, workflowId);
    await connection.close();
  }
}

/** Ends with the first that does not arrive. */
async function several(measure: () => Promise<number | null>): Promise<number[]> {
  const latencies: number[] = [];
  for (let number = 0; number < TRIES; number++) {
    const latency = await measure();
    if (latency === null) return number === 0 ? [] : latencies;
    latencies.push(latency);
  }
  return latencies;
}

/** The call that is cancelled, and the two moments that count. */
class ProbedCall {
  #running: () => void = () => undefined;
  #started = Promise.resolve();
  #decidedAtMs = 0;
  #arrivedAtMs = 0;

  reset(): void {
    this.#started = new Promise((resolve) => (this.#running = resolve));
  }

  latencyMs(): number {
    return this.#arrivedAtMs - this.#decidedAtMs;
  }

  readonly activities: CancelProbeActivities = {
    untilRunning: () => this.#started,
    untilCancelled: async (beats) => {
      const context = Context.current();
      const beat = beats ? setInterval(() => context.heartbeat(), BEAT_MS) : undefined;
      this.#running();
      const cancelled = context.cancelled.catch((reason: unknown) => {
        this.#arrivedAtMs = performance.now();
        throw reason;
      });
      try {
        await Promise.race([cancelled, pause(BOUND_MS)]);
      } finally {
        clearInterval(beat);
      }
    },
  };

  readonly sinks: InjectedSinks<CancelProbeSinks> = {
    probe: { cancelling: { fn: () => void (this.#decidedAtMs = performance.now()), callDuringReplay: false } },
  };
}

async function remove(client: Client, namespace: string, workflowId: string): Promise<void> {
  const execution = { namespace, workflowExecution: { workflowId } };
  // Closed it is already, unless something went wrong before; and who may not delete leaves it to its retention.
  await client.workflow
    .getHandle(workflowId)
    .terminate('the probe is over')
    .catch(() => undefined);
  await client.workflowService.deleteWorkflowExecution(execution).catch(() => undefined);
}

function quietRuntime(): void {
  try {
    Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });
  } catch {
    // Whoever runs this has one already.
  }
}

function shown(latencies: readonly number[]): string {
  const sorted = [...latencies].sort((left, right) => left - right);
  const [least, median, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const digits = (value: number | undefined): string => (value ?? 0).toFixed(1);
  return `median ${digits(median)} ms (${digits(least)} to ${digits(most)} ms, ${latencies.length} cancels)`;
}
