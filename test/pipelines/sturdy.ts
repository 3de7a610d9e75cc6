import { proxyActivities } from '@temporalio/workflow';

interface Steps {
  first(input: string): Promise<string>;
  second(input: string): Promise<string>;
  third(input: string): Promise<string>;
}

const { first, second, third } = proxyActivities<Steps>({
  startToCloseTimeout: '20s',
  heartbeatTimeout: '1s',
  retry: { initialInterval: '10ms' },
});

/** Three steps that notice within a second that their worker was killed. */
export async function sturdy(input: string): Promise<string> {
  return third(await second(await first(input)));
}
