import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  TimeoutFailure,
  type ActivityOptions,
} from '@temporalio/workflow';

/** What an activity call came to, with everything that the worker sent along. */
export interface Outcome {
  value?: unknown;
  failure?: string;
  message?: string;
  type?: string;
  nonRetryable?: boolean;
  details?: unknown;
  stack?: string;
}

export const stopSignal = defineSignal('stop');

/** Calls one activity and returns what came back, bills included. The signal `stop` cancels the call. */
export async function callRaw(activityType: string, args: unknown[], options: ActivityOptions): Promise<Outcome> {
  const scope = new CancellationScope();
  setHandler(stopSignal, () => {
    scope.cancel();
  });
  const activities = proxyActivities<Record<string, (...args: unknown[]) => Promise<unknown>>>({
    startToCloseTimeout: '20s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '50ms', backoffCoefficient: 1, maximumAttempts: 3 },
    ...options,
  });
  try {
    return { value: await scope.run(() => activities[activityType]!(...args)) };
  } catch (error) {
    return outcomeOf(error);
  }
}

/** Starts an activity and ends without waiting for it, once the signal `stop` has come. */
export async function leaveBehind(activityType: string, options: ActivityOptions): Promise<void> {
  let stopped = false;
  setHandler(stopSignal, () => {
    stopped = true;
  });
  const activities = proxyActivities<Record<string, () => Promise<unknown>>>({
    startToCloseTimeout: '20s',
    ...options,
  });
  activities[activityType]!().catch(() => undefined);
  await condition(() => stopped);
}

const { classify, answer, sendMail } = proxyActivities<Record<string, (input: string) => Promise<string>>>({
  startToCloseTimeout: '20s',
});

/** A small pipeline in which `answer` can run ahead of `classify`. */
export async function support(message: string): Promise<string> {
  const route = await classify!(message);
  const reply = await answer!(route);
  return sendMail!(reply);
}

function outcomeOf(error: unknown): Outcome {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof CancelledFailure || isCancellation(error)) {
    const { message, details } = cause as CancelledFailure;
    return { failure: 'cancelled', message, details };
  }
  if (cause instanceof TimeoutFailure) {
    return { failure: 'timeout', message: cause.message, details: cause.lastHeartbeatDetails };
  }
  const { message, type, nonRetryable, details, stack } = cause as ApplicationFailure;
  return {
    failure: 'application',
    message,
    type: String(type),
    nonRetryable: nonRetryable === true,
    details,
    stack: String(stack),
  };
}
