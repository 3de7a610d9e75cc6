import type { Client } from '@temporalio/client';
import { CONTROL_WORKFLOW_ID } from '../speculation/runtime/protocol';

/** All runs of the control workflow, each continued by the next one. */
export interface ControlRuns {
  runs: number;
  /** Largest state that a run was handed. */
  largestCarryBytes: number;
  /** Of the longest history. */
  mostEvents: number;
  mostHistoryBytes: number;
}

const MOST_RUNS = 100_000;

/** Follows the chain back from the current run. */
export async function controlRuns(client: Client): Promise<ControlRuns> {
  const { namespace } = client.options;
  const found: ControlRuns = { runs: 0, largestCarryBytes: 0, mostEvents: 0, mostHistoryBytes: 0 };
  let runId = '';
  while (found.runs < MOST_RUNS) {
    const execution = { workflowId: CONTROL_WORKFLOW_ID, runId };
    const { workflowExecutionInfo } = await client.workflowService.describeWorkflowExecution({ namespace, execution });
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution,
      maximumPageSize: 1,
    });
    const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    const carry = started?.input?.payloads?.reduce((sum, { data }) => sum + (data?.length ?? 0), 0) ?? 0;
    found.runs += 1;
    found.largestCarryBytes = Math.max(found.largestCarryBytes, carry);
    found.mostEvents = Math.max(found.mostEvents, Number(workflowExecutionInfo?.historyLength ?? 0));
    found.mostHistoryBytes = Math.max(found.mostHistoryBytes, Number(workflowExecutionInfo?.historySizeBytes ?? 0));
    runId = started?.continuedExecutionRunId ?? '';
    if (runId === '') break;
  }
  return found;
}
