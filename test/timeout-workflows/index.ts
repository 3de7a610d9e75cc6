import { ActivityFailure, type ActivityOptions, proxyActivities, TimeoutFailure } from '@temporalio/workflow';

/** Calls an activity that does not answer in time; answers the kind of the time-out. */
export async function timeOut(activity: string, options: ActivityOptions): Promise<string> {
  const activities = proxyActivities<Record<string, () => Promise<void>>>(options);
  try {
    await activities[activity]?.();
    return 'answered';
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    return cause instanceof TimeoutFailure ? (cause.timeoutType ?? 'unspecified') : String(cause);
  }
}
