import { condition } from '@temporalio/workflow';

/**
 * Resolves after everything that can run now has run once more. Conditions are evaluated when all microtasks are done, and again
 * as long as one of them was met: this one is met at its first evaluation, so it costs no event and always comes back.
 */
export function nextRound(): Promise<void> {
  let evaluations = 0;
  return condition(() => evaluations++ > 0);
}
