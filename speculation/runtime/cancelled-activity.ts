import { ActivityFailure, CancelledFailure, RetryState } from '@temporalio/common';

/** What the SDK rejects with when the scope of an activity is cancelled. */
export function cancelledActivity(activityType: string, activityId: string, cause?: unknown): ActivityFailure {
  const cancelled = cause instanceof CancelledFailure ? cause : new CancelledFailure('Activity cancelled');
  return new ActivityFailure(
    'Activity cancelled',
    activityType,
    activityId,
    RetryState.CANCEL_REQUESTED,
    undefined,
    cancelled,
  );
}
