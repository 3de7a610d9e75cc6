import type { ActivityInput } from '@temporalio/workflow';
import { clonePlain } from '../forecast/canonical-json';
import { propose } from './admission';
import { FiberEnded, held, type Fiber } from './fiber';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { share } from './share';
import { StreamHypothesis } from './stream-hypothesis';

/** Fiber-side of an activity call: answer it from what is known, or decide whether to start it early. */
export function callFromFiber(pipeline: Pipeline, fiber: Fiber, input: ActivityInput): Promise<unknown> {
  const identity = fiber.goesOn ? named(fiber, input) : null;
  if (identity === null) return held();

  const assumed = fiber.hypotheses.find((hypothesis) => hypothesis.operation.identity === identity);
  if (assumed !== undefined) {
    fiber.nowMs = Math.max(fiber.nowMs, pipeline.nowMs);
    if (assumed instanceof StreamHypothesis) return assumed.viewFor(fiber);
    return Promise.resolve(clonePlain(assumed.forecast.value));
  }

  const made = fiber.known.get(identity) ?? pipeline.journal.get(identity);
  if (made !== undefined) {
    awaitTogether(pipeline, fiber, made);
    return share(fiber, made);
  }

  const launched = pipeline.launches.get(identity);
  if (launched?.claimable === true) {
    launched.wantedBy(fiber);
    expectNothing(fiber, input.activityType);
    return share(fiber, launched);
  }
  if (launched !== undefined || fiber.audit !== null) {
    fiber.audit?.unexpected(input.activityType, input.args);
    return held();
  }
  return propose(pipeline, fiber, identity, input);
}

/** The call was decided under another hypothesis; this one leads to it too, and its outcome teaches the same edge. */
function expectNothing(fiber: Fiber, activityType: string): void {
  const newest = fiber.openHypotheses.at(-1);
  if (newest?.askedFor.has(activityType) === false) newest.askedFor.set(activityType, null);
}

/** Null where the arguments are not all known yet: then the fiber has ended here. */
function named(fiber: Fiber, { activityType, args }: ActivityInput): string | null {
  try {
    return fiber.identify(activityType, args);
  } catch (error) {
    if (error instanceof FiberEnded) return null;
    throw error;
  }
}

/** The engine lets the fiber go on with a forecast of the output, if there is one. */
function awaitTogether(pipeline: Pipeline, fiber: Fiber, operation: Operation): void {
  if (!operation.pending || pipeline.settings?.joint !== true || fiber.openHypotheses.length === 0) return;
  operation.awaiters.add(fiber);
  pipeline.awaited.add(operation);
}
