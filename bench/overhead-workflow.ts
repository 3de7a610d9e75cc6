import { proxyActivities } from '@temporalio/workflow';

const { step } = proxyActivities<{ step(input: string): Promise<string> }>({ startToCloseTimeout: '30s' });

/** Three activities that do nothing, one after the other: all that is left to measure is the engine. */
export async function threeSteps(input: string): Promise<string> {
  return step(await step(await step(input)));
}
