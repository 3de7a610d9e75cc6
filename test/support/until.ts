import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds. @throws Error with its text when it does not within `timeoutMs` */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Did not come true within ${timeoutMs} ms: ${condition.toString()}`);
    await pause(2);
  }
}
