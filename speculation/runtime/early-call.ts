import {
  ActivityCancellationType,
  type ActivityOptions,
  type CancellationScope,
  createEventGroup,
  scheduleActivity,
} from '@temporalio/workflow';
import type { Pipeline } from './pipeline';
import { within } from './run';

/** A call that the runtime makes before the pipeline has asked for it: a launch, or a draft. */
export interface EarlyCall {
  activityId: string;
  activityType: string;
  args: unknown[];
  /** As the pipeline gave them; what follows from being early goes on top. */
  options: ActivityOptions;
  /** Cancelling it cancels the activity. */
  scope: CancellationScope;
  /** The operation that it runs ahead of. */
  upstream: string;
  /** Shown beside the activity in the Web UI, at most 400 bytes. */
  summary: string;
}

export function scheduleEarly(pipeline: Pipeline, call: EarlyCall): Promise<unknown> {
  const { activityId, activityType, args, options, scope, upstream, summary } = call;
  return scope.run(() =>
    within(pipeline.engine, () =>
      scheduleActivity(activityType, args, {
        ...options,
        activityId,
        summary,
        eventGroups: [...(options.eventGroups ?? []), createEventGroup(`ahead of ${upstream}`)],
        // A failed one is dropped; where the pipeline asks for the call itself, it has the caller's own retries.
        retry: { maximumAttempts: 1 },
        // Only on slack: what no worker takes up soon is not worth having.
        scheduleToStartTimeout: pipeline.settings?.limits.scheduleToStartMs ?? 1000,
        // A queued call that is cancelled in time costs nothing; eager dispatch would skip the queue.
        allowEagerDispatch: false,
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        priority: { ...options.priority, priorityKey: 5 },
      }),
    ),
  );
}
