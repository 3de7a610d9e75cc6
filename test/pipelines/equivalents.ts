import { condition, continueAsNew, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

interface Steps {
  first(input: string): Promise<string>;
  second(input: string): Promise<string>;
  third(input: string): Promise<string>;
}

const { first, second, third } = proxyActivities<Steps>({
  startToCloseTimeout: '20s',
  retry: { initialInterval: '10ms', maximumAttempts: 3 },
});

const approve = defineSignal<[string]>('approve');

/** What the second step is asked also depends on who has approved by then. */
export async function signed(input: string): Promise<string> {
  let by = 'nobody';
  setHandler(approve, (name) => void (by = name));
  const head = await first(input);
  return second(`${head} by ${by}`);
}

/** The same two steps, two times. */
export async function twice(input: string): Promise<string> {
  const once = await second(await first(input));
  return `${once} ${await second(await first(input))}`;
}

/** The last step is asked with what both steps before it said. */
export async function sumsUp(input: string): Promise<string> {
  const head = await first(input);
  return third(`${head}+${await second(head)}`);
}

export async function threeSteps(input: string): Promise<string> {
  return third(await second(await first(input)));
}

/** Returns as soon as it is approved, whatever its other branch is doing. */
export async function hurries(input: string): Promise<string> {
  let by = '';
  setHandler(approve, (name) => void (by = name));
  const branch = async (): Promise<string> => second(await first(input));
  branch().catch(() => undefined);
  await condition(() => by !== '');
  return `approved by ${by}`;
}

/** Continues as new as soon as it is approved, whatever its other branch is doing. */
export async function leavesEarly(input: string, runsLeft = 1): Promise<string> {
  if (runsLeft === 0) return `left by ${input}`;
  let by = '';
  setHandler(approve, (name) => void (by = name));
  const branch = async (): Promise<string> => second(await first(input));
  branch().catch(() => undefined);
  await condition(() => by !== '');
  return continueAsNew<typeof leavesEarly>(by, runsLeft - 1);
}
