import { proxyActivities } from '@temporalio/workflow';

interface Steps {
  first(input: string): Promise<string>;
  second(input: string): Promise<string>;
}

const { first, second } = proxyActivities<Steps>({ startToCloseTimeout: '20s' });

let visits = 0;

/** Counts in a module-level variable, which every run of the function sees. */
export async function countsVisits(input: string): Promise<string> {
  visits += 1;
  const head = await first(input);
  return second(`${head} visit ${visits}`);
}
