import { clonePlain } from '../forecast/canonical-json';
import { held, type Fiber } from './fiber';
import { Launch } from './launch';
import type { Operation } from './operation';
import type { Strand } from './strand';

/**
 * Lets a fiber await a call that was really made. It gets a copy of the value. A failure that arrives while it waits ends the
 * fiber: fibers follow the path of success, and their unhandled rejections must never reach the workflow.
 *
 * @param strand the path of execution that awaits it
 */
export function share(fiber: Fiber, operation: Operation, strand = fiber.strand): Promise<unknown> {
  const { outcome } = operation;
  if (!fiber.live) return held();
  if (outcome.state === 'pending') return operation.settled.then(() => shareNews(fiber, operation, strand));
  see(fiber, operation, strand);
  return outcome.state === 'resolved' ? Promise.resolve(clonePlain(outcome.value)) : Promise.reject(outcome.error);
}

function shareNews(fiber: Fiber, operation: Operation, strand: Strand): unknown {
  if (operation.outcome.state === 'resolved') return share(fiber, operation, strand);
  if (operation.failureEndsFibers) fiber.endAt(strand);
  return held();
}

function see(fiber: Fiber, operation: Operation, strand: Strand): void {
  fiber.nowMs = Math.max(fiber.nowMs, operation.settledAtMs ?? 0);
  if (operation instanceof Launch && !operation.claimed) strand.depth = Math.max(strand.depth, operation.depth);
}
