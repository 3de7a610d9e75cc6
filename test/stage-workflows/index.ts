import { ActivityCancellationType, continueAsNew, proxyActivities } from '@temporalio/workflow';

/** What is ordered, what its check will say, and what is guessed about that. */
export interface Order {
  name: string;
  verdict: string;
  guess: string;
}

interface Steps {
  check(order: Order): Promise<string>;
  book(name: string, verdict: string): Promise<{ ticket: string }>;
  charge(name: string, verdict: string): Promise<string>;
  remember(name: string): Promise<unknown>;
}

const { check, book, charge, remember } = proxyActivities<Steps>({
  startToCloseTimeout: '30s',
  heartbeatTimeout: '2s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '20ms', backoffCoefficient: 1, maximumAttempts: 20 },
});

/** A staged effect with nothing before it that could be guessed. */
export async function bookNow(name: string): Promise<string> {
  return (await book(name, 'yes')).ticket;
}

/** A staged effect behind a check whose verdict is guessed. */
export async function bookAfterCheck(order: Order): Promise<string> {
  return (await book(order.name, await check(order))).ticket;
}

/** Books the same in each of its runs: each is an effect of its own. */
export async function bookInEachRun(order: Order, runs: number): Promise<string> {
  const { ticket } = await book(order.name, await check(order));
  if (runs > 1) await continueAsNew<typeof bookInEachRun>(order, runs - 1);
  return ticket;
}

/** An idempotent effect behind a check whose verdict is guessed, made twice. */
export async function chargeTwice(order: Order): Promise<string[]> {
  const verdict = await check(order);
  return [await charge(order.name, verdict), await charge(order.name, verdict)];
}

/** A staged effect that returns nothing. */
export async function rememberThat(name: string): Promise<string> {
  const nothing: unknown = await remember(name);
  return typeof nothing;
}
