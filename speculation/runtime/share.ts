import { clonePlain } from '../forecast/canonical-json';
import { held, type Fiber } from './fiber';
import { Launch } from './launch';
import type { Operation } from './operation';

/**
 * Lets a fiber await a call that was really made. It gets a copy of the value. A failure that arrives while it waits ends the
 * fiber: fibers follow the path of success, and their unhandled rejections must never reach the workflow.
 */
export async function share(fiber: Fiber, operation: Operation): Promise<unknown> {
  const wasPending = operation.pending;
  if (wasPending) await operation.settled;
  if (!fiber.live) return held();
  const { outcome } = operation;
  if (outcome.state === 'resolved') {
    see(fiber, operation);
    return clonePlain(outcome.value);
  }
  if (outcome.state === 'rejected' && !wasPending) {
    see(fiber, operation);
    throw outcome.error;
  }
  if (operation.failureEndsFibers) fiber.end();
  return held();
}

function see(fiber: Fiber, operation: Operation): void {
  fiber.nowMs = Math.max(fiber.nowMs, operation.settledAtMs ?? 0);
  if (operation instanceof Launch && !operation.claimed) fiber.depth = Math.max(fiber.depth, operation.depth);
}
