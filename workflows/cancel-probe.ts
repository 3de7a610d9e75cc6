import { CancellationScope, isCancellation, proxyActivities, proxySinks, type Sinks } from '@temporalio/workflow';

/** What the worker of a probe runs. */
export interface CancelProbeActivities {
  /** Says that it runs, and ends when it is cancelled, or as a failure when that has not come within its bound. */
  untilCancelled: (beats: boolean) => Promise<void>;
  untilRunning: () => Promise<void>;
}

export interface CancelProbeSinks extends Sinks {
  probe: { cancelling: () => void };
}

/** Starts a call and cancels it once it runs. Says whether the cancel arrived. */
export async function cancelProbe(beats: boolean): Promise<boolean> {
  const { untilCancelled, untilRunning } = proxyActivities<CancelProbeActivities>({
    startToCloseTimeout: '30s',
    ...(beats && { heartbeatTimeout: '10s' }),
    retry: { maximumAttempts: 1 },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  });
  const scope = new CancellationScope();
  const call = scope.run(() => untilCancelled(beats));
  const arrived = call.then(
    () => false,
    (error: unknown) => isCancellation(error),
  );
  await untilRunning();
  proxySinks<CancelProbeSinks>().probe.cancelling();
  scope.cancel();
  return arrived;
}
