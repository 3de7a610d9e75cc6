import { Context } from '@temporalio/activity';
import type { PartialChange } from '../../speculation/forecast/partial-value';
import { STREAM_SIGNAL, type StreamUpdate } from '../../speculation/runtime/protocol';

/** From inside of an activity: tells its pipeline what of the output is final. Resolves when the server has it. */
export async function publish(sequence: number, ...changes: PartialChange[]): Promise<void> {
  const { client, info } = Context.current();
  const { workflowId, runId } = info.workflowExecution ?? { workflowId: '', runId: '' };
  const update: StreamUpdate = { activityId: info.activityId, attempt: info.attempt, sequence, changes };
  await client.workflow.getHandle(workflowId, runId).signal(STREAM_SIGNAL, update);
}

/** Resolves when the pipeline has taken in what was published: a query is answered after the signals before it. */
export async function untilFollowed(): Promise<void> {
  const { client, info } = Context.current();
  await client.workflow.getHandle(info.workflowExecution?.workflowId ?? '').query('knob');
}
