import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { Decimal } from 'decimal.js';
import { emptyControlState } from '../../speculation/estimate/control-state';
import type { Observation, OperationBill } from '../../speculation/estimate/observation';
import { receiveObservations } from '../../speculation/estimate/observation-batch';
import { recentEntry } from '../../speculation/estimate/recent-entries';
import { sumUsd } from '../../speculation/ledger/price-usage';
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
  const heard = new Map<string, OperationBill[]>();
  const booked = new Map<string, OperationBill>();
  for (const batch of await observationBatches(client)) {
    for (const observation of (batch as { observations?: Observation[] }).observations ?? []) {
      if (observation.kind !== 'bill') continue;
      const key = `${observation.runId}/${observation.activityId}`;
      heard.set(key, [...(heard.get(key) ?? []), observation]);
    }
    receiveObservations(state, batch, Date.now());
    for (const [key, bills] of heard) {
      if (recentEntry(state.billMatching.booked, key) === undefined) continue;
      for (const bill of bills) if (costOf(bill).gt(costOf(booked.get(key)))) booked.set(key, bill);
      heard.delete(key);
    }
  }
  return [...booked.values()];
}

/** Each attempt reports what all of them have cost so far. */
function costOf(bill: OperationBill | undefined): Decimal {
  return new Decimal(sumUsd((bill?.usage ?? []).map(({ costUsd }) => costUsd)));
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
