import { CancellationScope, continueAsNew, isCancellation, proxyActivities } from '@temporalio/workflow';

interface Steps {
  check(text: string): Promise<{ verdict: string }>;
  book(text: string): Promise<string>;
  balance(account: string): Promise<number>;
  transfer(account: string): Promise<string>;
  note(text: string): Promise<string>;
}

const { check, book, balance, transfer, note } = proxyActivities<Steps>({
  startToCloseTimeout: '20s',
  heartbeatTimeout: '5s',
  retry: { initialInterval: '10ms', maximumAttempts: 3 },
});

/** An effect that is prepared while somebody checks whether it may be. */
export async function checkedBooking(text: string): Promise<string> {
  const { verdict } = await check(text);
  if (verdict !== 'pass') return `not booked: ${verdict}`;
  return note(await book(text));
}

/** Reads an account after the pipeline itself has changed it. */
export async function changedAccount(account: string): Promise<string> {
  const { verdict } = await check(account);
  const done = verdict === 'pass' ? await transfer(account) : 'kept';
  return `${done}, ${await balance(account)}`;
}

/** Gives up what it books when it is cancelled. */
export async function cancelledBooking(text: string): Promise<string> {
  const { verdict } = await check(text);
  try {
    return await CancellationScope.withTimeout(1500, () => book(`${text}/${verdict}`));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return note('given up');
  }
}

/** Books the same in each of its runs: each is an effect of its own. */
export async function bookingTwice(text: string, run = 1): Promise<string> {
  const { verdict } = await check(text);
  const booked = verdict === 'pass' ? await book(text) : 'nothing';
  if (run < 2) await continueAsNew<typeof bookingTwice>(text, run + 1);
  return booked;
}

/** Reads an account whatever became of a transfer. */
export async function riskyTransfer(account: string): Promise<string> {
  const done = await transfer(account).catch(() => 'failed');
  return `${done}, ${await balance(account)}`;
}
