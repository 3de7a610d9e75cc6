import { type ActivityInput, isCancellation } from '@temporalio/workflow';
import type { Decision } from '../decision/decision';
import { unwrapFailure, unwrapResult } from './bill';
import { scheduleEarly } from './early-call';
import { edgeKey } from './edge-key';
import type { Hypothesis } from './hypothesis';
import { Launch } from './launch';
import type { Pipeline } from './pipeline';
import { LAUNCH_PREFIX } from './protocol';
import { within } from './run';
import { cancellableWithin } from './scope';
import { settleHypotheses } from './settle-hypotheses';
import { discardStage } from './stage';

/** Makes a call before the pipeline has asked for it, and follows what becomes of it. */
export function start(
  pipeline: Pipeline,
  identity: string,
  input: ActivityInput,
  decision: Decision,
  hypothesis: Hypothesis,
): Launch {
  const { activityType, args, options } = input;
  const activityId = `${LAUNCH_PREFIX}${pipeline.nextLaunch()}`;
  const scope = cancellableWithin(pipeline.shield);
  const { clock } = pipeline.written;
  const launch = new Launch(identity, activityId, activityType, args, pipeline.nowMs, decision, options, scope, clock);
  pipeline.launches.set(identity, launch);
  pipeline.listenTo(launch, activityId);
  pipeline.books.decisions.log(decision, { hypothesis, activityId });
  pipeline.books.ledger.open({
    id: activityId,
    operation: activityType,
    kind: 'launch',
    edge: edgeKey(decision.upstream, decision.downstream),
    reservedUsd: String(decision.mostUsd ?? decision.speculativeCostUsd),
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
  const { value, usage, reads, writes, stage } = unwrapResult(result);
  Object.assign(launch, { reads, writes: writes ?? [], stage });
  if (launch.claimed && pipeline.written.makeStale(launch)) {
    discardStage(stage);
    fail(pipeline, launch, new Error(`${launch.activityType} has read what was written since`), usage);
    return;
  }
  launch.state = launch.discarded ? 'cancelled' : 'done';
  if (launch.discarded || launch.left) discardStage(stage);
  launch.resolve(value, pipeline.nowMs);
  if (launch.claimed) pipeline.books.settle(launch.activityId, 'claimed', usage);
  else if (launch.discarded) pipeline.books.settle(launch.activityId, 'cancelled', usage);
  else pipeline.books.finish(launch.activityId, usage);
  settleHypotheses(pipeline, launch);
}

function fail(
  pipeline: Pipeline,
  launch: Launch,
  error: unknown,
  usage = unwrapFailure(error, pipeline.settings?.free),
): void {
  launch.state = isCancellation(error) ? 'cancelled' : 'failed';
  launch.reject(error, pipeline.nowMs);
  pipeline.books.settle(launch.activityId, launch.state, usage);
  settleHypotheses(pipeline, launch);
}

/** At most 400 bytes are shown beside the activity in the Web UI. */
function summaryOf(decision: Decision): string {
  const { P, expectedValueUsd, speculativeCostUsd, upstream, forecastDigest } = decision;
  const figures = `P ${P.toFixed(2)} · EV $${expectedValueUsd.toFixed(5)} · C $${speculativeCostUsd.toFixed(5)}`;
  return `${figures} · assumes ${upstream} → ${forecastDigest.slice(0, 120)}`.slice(0, 200);
}
