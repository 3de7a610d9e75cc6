import { proxyActivities } from '@temporalio/workflow';

interface Steps {
  first(input: string): Promise<string>;
  second(input: string): Promise<string>;
}

const { first, second } = proxyActivities<Steps>({ startToCloseTimeout: '20s' });

let visits = 0;

/** Counts in a module-level variable. */
export async function countsVisits(input: string): Promise<string> {
  visits += 1;
  const head = await first(input);
  return second(`${head} visit ${visits}`);
}

const globals = globalThis as { visitsOfAll?: number };

/** Counts where nothing can be kept apart: in the global object. */
export async function countsGlobally(input: string): Promise<string> {
  globals.visitsOfAll = (globals.visitsOfAll ?? 0) + 1;
  const head = await first(input);
  return second(`${head} visit ${globals.visitsOfAll}`);
}
