import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { ActivityHeader } from '../../speculation/runtime/protocol';

export interface Launching {
  activityType: string;
  /** Where the activities are. */
  taskQueue: string;
  header: Partial<ActivityHeader>;
  /** Of the launch; tells starts apart. */
  name: string;
  heartbeatTimeout?: string;
}

/** What became of a launch: its value, or the type of its failure and what it says. */
export interface Launched {
  value?: unknown;
  failure?: string;
  message?: string;
}

/** Makes one launch, and where it fails the call itself, as a pipeline does that asks for what was launched. */
export async function ahead(launching: Launching): Promise<Launched> {
  const { activityType, taskQueue, header, name, heartbeatTimeout = '10s' } = launching;
  const scope = new CancellationScope();
  setHandler(defineSignal('stop'), () => scope.cancel());
  const call = (activityId: string): ((...args: unknown[]) => Promise<unknown>) =>
    proxyActivities<Record<string, (...args: unknown[]) => Promise<unknown>>>({
      activityId,
      taskQueue,
      startToCloseTimeout: '30s',
      heartbeatTimeout: heartbeatTimeout as '10s',
      retry: { maximumAttempts: 1 },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    })[activityType]!;
  try {
    return { value: await scope.run(() => call('spec-1')({ header: { launch: true, ...header }, name })) };
  } catch (error) {
    if (isCancellation(error)) return { failure: 'cancelled' };
    const cause = error instanceof ActivityFailure ? error.cause : error;
    const failure = cause instanceof ApplicationFailure ? String(cause.type) : String(cause?.constructor.name);
    await call('1')({ header: {}, name: `${name} itself` });
    return { failure, message: cause instanceof Error ? cause.message : '' };
  }
}
