import type { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';

const TIMEOUT_MS = 2_000;

/**
 * Whether the workflow of a cancelled activity is closed, so that nobody will take this attempt's bill off its result. A server
 * that pushes cancellations to workers says "cancelled" in both cases, and one that knows an attempt no more may only have given it up
 * for lost, so it has to be asked. To be asked before the attempt ends: afterwards the workflow may have booked the bill and closed.
 */
export async function isWorkflowGone(context: Context): Promise<boolean> {
  const { cancellationDetails, info } = context;
  const notFound = cancellationDetails?.notFound === true;
  if (!notFound && cancellationDetails?.cancelRequested !== true) return false;
  if (info.workflowExecution === undefined) return notFound;
  const { workflowId, runId } = info.workflowExecution;
  try {
    const { client } = context;
    // The SDK ties client calls to the activity's own cancellation, which has already come.
    const { signal } = new AbortController();
    const { status } = await client.withAbortSignal(signal, () =>
      client.withDeadline(Date.now() + TIMEOUT_MS, () => client.workflow.getHandle(workflowId, runId).describe()),
    );
    return status.name !== 'RUNNING' && status.name !== 'PAUSED';
  } catch (error) {
    return notFound || error instanceof WorkflowNotFoundError;
  }
}
