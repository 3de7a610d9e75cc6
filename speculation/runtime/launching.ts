import { type ActivityInput, isCancellation } from '@temporalio/workflow';
import { decide, type Decision } from '../decision/decision';
import { clonePlain } from '../forecast/canonical-json';
import { unwrapFailure, unwrapResult } from './bill';
import { cancellableWithin } from './scope';
import { decisionInputs } from './decision-inputs';
import { scheduleEarly } from './early-call';
import { held, type Fiber } from './fiber';
import { Launch } from './launch';
import { lookUp } from './look-up';
import type { Pipeline } from './pipeline';
import { LAUNCH_PREFIX } from './protocol';
import { within } from './run';
import { share } from './share';
import { settleHypotheses } from './settle-hypotheses';

/** Fiber-side of an activity call: answer it from what is known, or decide whether to start it early. */
export function callFromFiber(pipeline: Pipeline, fiber: Fiber, input: ActivityInput): Promise<unknown> {
  const identity = fiber.identify(input.activityType, input.args);
  if (!fiber.live) return held();

  const assumed = fiber.hypotheses.find((hypothesis) => hypothesis.operation.identity === identity);
  if (assumed !== undefined) {
    fiber.nowMs = Math.max(fiber.nowMs, pipeline.nowMs);
    return Promise.resolve(clonePlain(assumed.forecast.value));
  }

  const made = pipeline.journal.get(identity);
  if (made !== undefined) return share(fiber, made);

  const launched = pipeline.launches.get(identity);
  if (launched?.claimable === true) {
    launched.wantedBy(fiber);
    return share(fiber, launched);
  }
  if (launched !== undefined || fiber.audit !== null) {
    fiber.audit?.unexpected(input.activityType, input.args);
    return held();
  }
  return propose(pipeline, fiber, identity, input);
}

/** This is where a launch is decided. */
function propose(pipeline: Pipeline, fiber: Fiber, identity: string, input: ActivityInput): Promise<unknown> {
  const newest = fiber.openHypotheses.at(-1);
  if (newest === undefined) return held();
  const fibers = [...(pipeline.asked.get(identity) ?? []).filter((each) => each.live), fiber];
  pipeline.asked.set(identity, fibers);

  const decision = decide(decisionInputs(pipeline, fibers, newest, input.activityType));
  newest.askedFor.add(input.activityType);
  pipeline.log(decision);
  if (decision.decision === 'hold') return held();

  const launch = start(pipeline, identity, input, decision);
  for (const each of fibers) launch.wantedBy(each);
  lookUp(pipeline, launch);
  return share(fiber, launch);
}

function start(pipeline: Pipeline, identity: string, input: ActivityInput, decision: Decision): Launch {
  const { activityType, args, options } = input;
  const activityId = `${LAUNCH_PREFIX}${pipeline.nextLaunch()}`;
  const scope = cancellableWithin(pipeline.shield);
  const launch = new Launch(identity, activityId, activityType, args, pipeline.nowMs, decision.depth, options, scope);
  pipeline.launches.set(identity, launch);
  pipeline.ledger.open({
    id: activityId,
    operation: activityType,
    kind: 'launch',
    edge: `${decision.upstream}>${decision.downstream}`,
    reservedUsd: String(decision.speculativeCostUsd),
    atMs: pipeline.nowMs,
  });
  const summary = summaryOf(decision);
  const call = scheduleEarly(pipeline, {
    activityId,
    activityType,
    args,
    options,
    scope,
    upstream: decision.upstream,
    summary,
  });
  // The fiber that asked may be gone by then, and what a fiber reports goes nowhere.
  void call.then(
    (result) => within(pipeline.engine, () => succeed(pipeline, launch, result)),
    (error: unknown) => within(pipeline.engine, () => fail(pipeline, launch, error)),
  );
  return launch;
}

function succeed(pipeline: Pipeline, launch: Launch, result: unknown): void {
  const { value, usage } = unwrapResult(result);
  launch.state = launch.discarded ? 'cancelled' : 'done';
  launch.resolve(value, pipeline.nowMs);
  if (launch.claimed) pipeline.settle(launch.activityId, 'claimed', usage);
  else if (launch.discarded) pipeline.settle(launch.activityId, 'cancelled', usage);
  else pipeline.ledger.finish(launch.activityId, { usage, atMs: pipeline.nowMs });
  settleHypotheses(pipeline, launch);
}

function fail(pipeline: Pipeline, launch: Launch, error: unknown): void {
  launch.state = isCancellation(error) ? 'cancelled' : 'failed';
  launch.reject(error, pipeline.nowMs);
  pipeline.settle(launch.activityId, launch.state, unwrapFailure(error));
  settleHypotheses(pipeline, launch);
}

/** At most 400 bytes are shown beside the activity in the Web UI. */
function summaryOf(decision: Decision): string {
  const { P, expectedValueUsd, speculativeCostUsd, upstream, forecastDigest } = decision;
  const figures = `P ${P.toFixed(2)} · EV $${expectedValueUsd.toFixed(5)} · C $${speculativeCostUsd.toFixed(5)}`;
  return `${figures} · assumes ${upstream} → ${forecastDigest.slice(0, 120)}`.slice(0, 200);
}
