import type { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { ControlState } from '../estimate/control-state';
import { forecastsOf } from '../plugin/forecasts';
import type { OperationPolicy } from '../plugin/operation-policy';
import type { Policy } from '../plugin/policy-file';
import type { WarnOnce } from '../plugin/warn-once';
import { STREAM_SIGNAL, type ActivityHeader, type StreamUpdate } from '../runtime/protocol';
import { OutputPublisher } from './output-publisher';
import { isStreamWorthIt } from './stream-worth';

const RPC_TIMEOUT_MS = 5_000;

/** Publishes the output of an activity attempt to its own pipeline; null where that is not asked for, or could not save anything. */
export function followedOutput(attempt: {
  context: Context;
  header: ActivityHeader | null;
  operation: OperationPolicy | null;
  args: readonly unknown[];
  policy: Policy | null;
  /** What is known now. */
  state: ControlState;
  warnOnce: WarnOnce;
}): OutputPublisher | null {
  const { context, header, operation, args, policy, state, warnOnce } = attempt;
  const { workflowExecution, activityId, activityType, attempt: number } = context.info;
  if (header?.streams !== true || operation === null || policy === null || workflowExecution === undefined) return null;
  const { workflowId, runId } = workflowExecution;
  const asker = { workflowId, tenant: header.tenant ?? null };
  if (!isStreamWorthIt({ policy, state, pipeline: header.pipeline }, operation, asker)) return null;
  return new OutputPublisher({
    activityId,
    attempt: number,
    send: (update) => {
      const { client } = context;
      const handle = client.workflow.getHandle(workflowId, runId);
      return client.withDeadline(Date.now() + RPC_TIMEOUT_MS, () =>
        handle.signal<[StreamUpdate]>(STREAM_SIGNAL, update),
      );
    },
    forecasts: () => forecastsOf(operation, args, [], state, warnOnce).map(({ value }) => value),
    onFailure: (error) => {
      // The pipeline has ended, or was reset, or does not want the activity any more: a cancel ends its calls too.
      if (error instanceof WorkflowNotFoundError || context.cancellationSignal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      warnOnce(
        `stream:${activityType}`,
        `${activityType} cannot tell its pipeline what of its output is final (${reason}); the pipeline waits for the result instead.`,
      );
    },
  });
}
