import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import type { FaultExperiment } from '../../speculation/plugin/fault-experiment';
import type { FaultInjector, PlannedFault, RecordedCall } from '../../speculation/plugin/fault-injector';

/** Where the runs of an experiment happen. */
export interface FaultStage {
  client: Client;
  taskQueue: string;
  injector: FaultInjector;
  experiment: FaultExperiment;
}

export type Outcome =
  | { ended: true; result: unknown; calls: readonly RecordedCall[] }
  /** It failed, or took too long. */
  | { ended: false; reason: string };

/** One run of the pipeline, with a fault or without. */
export async function runOnce(
  { client, taskQueue, injector, experiment }: FaultStage,
  input: unknown,
  fault: PlannedFault | null,
): Promise<Outcome> {
  const { pipeline, mostSeconds } = experiment;
  const workflowId = `${pipeline}-${fault === null ? 'clean' : `${fault.operation}-${fault.model.name}`}-${randomUUID()}`;
  if (fault !== null) injector.plan(workflowId, fault);
  try {
    const result: unknown = await client.workflow.execute(pipeline, {
      taskQueue,
      workflowId,
      args: Array.isArray(input) ? (input as unknown[]) : [input],
      workflowExecutionTimeout: `${mostSeconds} seconds`,
    });
    return { ended: true, result, calls: injector.callsOf(workflowId) };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { ended: false, reason: deepestMessage(error) };
  } finally {
    injector.forget(workflowId);
  }
}

function deepestMessage(error: Error): string {
  return error.cause instanceof Error ? deepestMessage(error.cause) : error.message;
}
