import type { Client } from '@temporalio/client';
import { persistently } from './persistently';
import type { HistoryEvent } from './run-history';

type EventId = HistoryEvent['eventId'];

/**
 * Resets the latest run of a workflow to one of the workflow tasks that it has finished.
 *
 * @returns whether there was one
 */
export async function resetRun(
  client: Client,
  workflowId: string,
  choose: (finished: readonly EventId[]) => EventId,
): Promise<boolean> {
  const { runId } = await persistently(() => client.workflow.getHandle(workflowId).describe());
  const { events } = await persistently(() => client.workflow.getHandle(workflowId, runId).fetchHistory());
  const finished = (events ?? []).filter(({ workflowTaskCompletedEventAttributes: task }) => task != null);
  const point = choose(finished.map(({ eventId }) => eventId));
  if (point == null) return false;
  await persistently(() =>
    client.workflowService.resetWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId, runId },
      reason: 'chaos',
      // The same request twice is one reset.
      requestId: `${workflowId}/${runId}`,
      workflowTaskFinishEventId: point,
    }),
  );
  return true;
}
