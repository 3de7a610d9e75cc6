import type { ActivityInput } from '@temporalio/workflow';
import { clonePlain } from '../forecast/canonical-json';
import { propose } from './admission';
import { held, type Fiber } from './fiber';
import type { Pipeline } from './pipeline';
import { share } from './share';

/** Fiber-side of an activity call: answer it from what is known, or decide whether to start it early. */
export function callFromFiber(pipeline: Pipeline, fiber: Fiber, input: ActivityInput): Promise<unknown> {
  const identity = fiber.identify(input.activityType, input.args);
  if (!fiber.live) return held();

  const assumed = fiber.hypotheses.find((hypothesis) => hypothesis.operation.identity === identity);
  if (assumed !== undefined) {
    fiber.nowMs = Math.max(fiber.nowMs, pipeline.nowMs);
    return Promise.resolve(clonePlain(assumed.forecast.value));
  }

  const made = fiber.known.get(identity) ?? pipeline.journal.get(identity);
  if (made !== undefined) return share(fiber, made);

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
