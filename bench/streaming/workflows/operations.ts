import { proxyActivities } from '@temporalio/workflow';

/** The activities of a shape, by their types. */
export function operations<
  Activities extends Record<keyof Activities, (input: never) => Promise<unknown>>,
>(): Activities {
  return proxyActivities<never>({
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '10 seconds',
    retry: { maximumAttempts: 2 },
  });
}
