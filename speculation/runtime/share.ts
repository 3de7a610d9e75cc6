import { clonePlain } from '../forecast/canonical-json';
import { held, type Fiber } from './fiber';
import { Launch } from './launch';
import type { Operation } from './operation';

/**
 * Lets a fiber await a call that was really made. It gets a copy of the value. A failure that arrives while it waits ends the
 * fiber: fibers follow the path of success, and their unhandled rejections must never reach the workflow.
 */
export function share(fiber: Fiber, operation: Operation): Promise<unknown> {
  const { outcome } = operation;
  if (!fiber.live) return held();
  if (outcome.state === 'pending') return operation.settled.then(() => shareNews(fiber, operation));
  see(fiber, operation);
  return outcome.state === 'resolved' ? Promise.resolve(clonePlain(outcome.value)) : Promise.reject(outcome.error);
}

function shareNews(fiber: Fiber, operation: Operation): unknown {
  if (operation.outcome.state === 'resolved') return share(fiber, operation);
  if (operation.failureEndsFibers) fiber.end();
  return held();
}

function see(fiber: Fiber, operation: Operation): void {
  fiber.nowMs = Math.max(fiber.nowMs, operation.settledAtMs ?? 0);
  if (operation instanceof Launch && !operation.claimed) fiber.depth = Math.max(fiber.depth, operation.depth);
}
