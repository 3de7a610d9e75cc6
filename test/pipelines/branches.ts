import { proxyActivities } from '@temporalio/workflow';

interface Steps {
  first(input: string): Promise<string>;
  second(input: string): Promise<string>;
  third(input: string): Promise<string>;
}

const steps = proxyActivities<Steps>({
  startToCloseTimeout: '20s',
  retry: { initialInterval: '10ms', maximumAttempts: 3 },
});

/** Two operations follow the first one side by side: they compete for what there is of slots and budget. */
export async function branches(input: string): Promise<string> {
  const head = await steps.first(input);
  const both = await Promise.all([steps.second(head), steps.third(head)]);
  return both.join('+');
}
