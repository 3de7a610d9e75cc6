import { setTimeout as pause } from 'node:timers/promises';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, WorkflowNotFoundError } from '@temporalio/common';
import { RunaheadClient } from '../../client/runahead-client';
import type { ChaosInput, ChaosResult, Shape } from './chaos-input';
import type { RunPlan } from './chaos-plan';
import { freeWhenStuck } from './lost-activity';
import { persistently } from './persistently';
import { resetRun } from './reset-run';

export type Ending = 'completed' | 'cancelled' | 'terminated' | 'failed';

/** How one run ended, as its caller saw it. */
export interface RunOutcome {
  plan: RunPlan;
  ending: Ending;
  /** Null unless it completed. */
  result: ChaosResult | null;
  /** Why it failed; null unless it did. */
  reason: string | null;
  /** Whether the disturbance of its plan met it: what has ended cannot be cancelled. */
  disturbed: boolean;
  /** How often it had to be reset once more, because the server had lost an activity; see lost-activity.ts. */
  freed: number;
}

export interface Drivers {
  /** With the plugin. */
  ahead: Client;
  /** Without it. */
  bare: Client;
  taskQueue: string;
}

const WORKFLOW_TYPES: Record<Shape, string> = {
  router: 'chaosRouter',
  mapper: 'chaosMapper',
  agent: 'chaosAgent',
  streamed: 'chaosStreamed',
  staged: 'chaosStaged',
  relay: 'chaosRelay',
};

/** A run that is not over after so long is stuck, and the server ends it. */
const LONGEST_RUN = '150s';

/** Starts one run, does to it what its plan says, and waits for its end. */
export async function driveRun(drivers: Drivers, plan: RunPlan): Promise<RunOutcome> {
  const { workflowId, input, disturbance } = plan;
  const client = plan.clientHasPlugin ? drivers.ahead : drivers.bare;
  await startPipeline(client, drivers.taskQueue, workflowId, input);
  let disturbed = false;
  if (disturbance.kind !== 'none') {
    await pause(disturbance.afterMs);
    disturbed = await disturb(client, plan);
  }
  const watch = disturbed && disturbance.kind === 'reset' ? freeWhenStuck(client, workflowId) : null;
  const ending = await endingOf(client, workflowId, () => watch?.resets() ?? 0);
  return { plan, disturbed, ...ending, freed: watch?.stop() ?? 0 };
}

export async function startPipeline(
  client: Client,
  taskQueue: string,
  workflowId: string,
  input: ChaosInput,
): Promise<void> {
  try {
    await persistently(() =>
      client.workflow.start(WORKFLOW_TYPES[input.shape], {
        taskQueue,
        workflowId,
        args: [input],
        // Lost with a worker that is killed, a workflow task comes back after this.
        workflowTaskTimeout: '2s',
        workflowExecutionTimeout: LONGEST_RUN,
      }),
    );
  } catch (error) {
    // The server was killed after it had taken the start in.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** @param resets how often the workflow has been reset: each one terminates the run that was waited for */
export async function endingOf(
  client: Client,
  workflowId: string,
  resets: () => number = () => 0,
): Promise<Pick<RunOutcome, 'ending' | 'result' | 'reason'>> {
  const before = resets();
  try {
    const result = await persistently(() => client.workflow.getHandle(workflowId).result() as Promise<ChaosResult>);
    return { ending: 'completed', result, reason: null };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return { ending: 'cancelled', result: null, reason: null };
    if (resets() > before) return endingOf(client, workflowId, resets);
    if (cause instanceof TerminatedFailure) return { ending: 'terminated', result: null, reason: null };
    return { ending: 'failed', result: null, reason: String(cause ?? error) };
  }
}

/** @returns whether there was still something to disturb */
async function disturb(client: Client, { workflowId, disturbance }: RunPlan): Promise<boolean> {
  const handle = client.workflow.getHandle(workflowId);
  const { kind, choice } = disturbance;
  try {
    if (kind === 'cancel') await persistently(() => handle.cancel());
    if (kind === 'terminate') await persistently(() => handle.terminate('chaos'));
    if (kind === 'reset') return await resetTo(client, workflowId, choice);
    if (kind === 'knob') {
      const change = choice < 0.5 ? { enabled: false } : { alpha: choice };
      await persistently(() => new RunaheadClient(client).setKnob(workflowId, change));
    }
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError) return false;
    throw error;
  }
}

/** Goes back to one of the workflow tasks that the current run has finished. */
async function resetTo(client: Client, workflowId: string, choice: number): Promise<boolean> {
  return resetRun(client, workflowId, (finished) => finished[Math.floor(choice * finished.length)]);
}
