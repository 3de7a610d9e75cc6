import { setTimeout as pause } from 'node:timers/promises';

/** Asks until the answer is as wanted, and returns it. @throws Error with the last answer when it is not within `timeoutMs` */
export async function untilAnswer<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`Still not as wanted after ${timeoutMs} ms: ${JSON.stringify(answer)}`);
    await pause(20);
  }
}
