import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { StreamActivities } from './cancel';

export const abandon = defineSignal('abandon');

const { streamReply } = proxyActivities<StreamActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { maximumAttempts: 1 },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

/** Starts a model call and cancels it when told to. Says whether the cancel got through. */
export async function cancelStream(question: string): Promise<boolean> {
  let abandoned = false;
  setHandler(abandon, () => {
    abandoned = true;
  });
  const scope = new CancellationScope();
  const reply = scope.run(() => streamReply(question));
  const ended = reply.then(
    () => false,
    (error: unknown) => isCancellation(error),
  );
  await condition(() => abandoned);
  scope.cancel();
  return ended;
}
