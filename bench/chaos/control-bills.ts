import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { emptyControlState } from '../../speculation/estimate/control-state';
import type { Observation, OperationBill } from '../../speculation/estimate/observation';
import { receiveObservations } from '../../speculation/estimate/observation-batch';
import { recentEntry } from '../../speculation/estimate/recent-entries';
import { CONTROL_SIGNAL } from '../../speculation/runtime/control-protocol';
import { CONTROL_WORKFLOW_ID } from '../../speculation/runtime/protocol';
import { persistently } from './persistently';
import type { HistoryEvent } from './run-history';

/**
 * The late bills that the control workflow has booked, request by request: its own answer has sums only. Worked out from what workers
 * have signalled, with the rule by which it matches bills and what was left behind.
 */
export async function bookedByControl(client: Client): Promise<OperationBill[]> {
  const state = emptyControlState();
  const latest = new Map<string, OperationBill>();
  const booked = new Map<string, OperationBill>();
  for (const batch of await observationBatches(client)) {
    for (const observation of (batch as { observations?: Observation[] }).observations ?? []) {
      if (observation.kind === 'bill') latest.set(`${observation.runId}/${observation.activityId}`, observation);
    }
    receiveObservations(state, batch, Date.now());
    for (const [key, bill] of latest) {
      if (recentEntry(state.billMatching.booked, key) === undefined) continue;
      if (!booked.has(key)) booked.set(key, bill);
      latest.delete(key);
    }
  }
  return [...booked.values()];
}

async function observationBatches(client: Client): Promise<unknown[]> {
  const batches: unknown[] = [];
  for (const runId of await runsOf(client, CONTROL_WORKFLOW_ID)) {
    const history = await persistently(() => client.workflow.getHandle(CONTROL_WORKFLOW_ID, runId).fetchHistory());
    for (const event of history.events ?? []) batches.push(...batchesOf(event));
  }
  return batches;
}

function batchesOf({ workflowExecutionSignaledEventAttributes: signal }: HistoryEvent): unknown[] {
  if (signal?.signalName !== CONTROL_SIGNAL.observe) return [];
  return (signal.input?.payloads ?? []).map((payload) => defaultPayloadConverter.fromPayload(payload));
}

/** All runs of a workflow, oldest first. */
async function runsOf(client: Client, workflowId: string): Promise<string[]> {
  const runs: { runId: string; startedAtMs: number }[] = [];
  for await (const { runId, startTime } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
    runs.push({ runId, startedAtMs: startTime.getTime() });
  }
  return runs.sort((left, right) => left.startedAtMs - right.startedAtMs).map(({ runId }) => runId);
}
