import {
  ActivityCancellationType,
  type ActivityInput,
  CancellationScope,
  isCancellation,
  type Next,
} from '@temporalio/workflow';
import type { WorkflowOutboundCallsInterceptor } from '@temporalio/workflow';
import { unwrapFailure, unwrapResult } from './bill';
import { plainCallHeaders } from './call-header';
import { claim, type Claimed } from './claim';
import { callEquivalent } from './equivalent-call';
import { askForEquivalent } from './equivalent-claim';
import { lookUp } from './look-up';
import { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { ANY_RESOURCE } from './protocol';
import { callRaced, copiesBeside, Race } from './race';
import { discard } from './reaper';
import { settleHypotheses } from './settle-hypotheses';

type Schedule = Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>;

/**
 * The authoritative run asks for an activity: claim the launch of this very call, or make it as Temporal would. Few promises are
 * made on the way, because the SDK takes a stack trace of each.
 */
export function callFromAuthoritative(pipeline: Pipeline, input: ActivityInput, next: Schedule): Promise<unknown> {
  pipeline.progress++;
  const identity = pipeline.authoritative.identify(input.activityType, input.args);
  const orCall = (claimed: Claimed): unknown =>
    claimed.served ? claimed.value : callAsOperation(pipeline, input, next, identity);
  const launch = pipeline.launches.get(identity);
  if (launch?.claimable === true && pipeline.written.makeStale(launch)) discard(pipeline, launch);
  if (launch?.claimable === true && !CancellationScope.current().consideredCancelled) {
    return claim(pipeline, launch, input).then(orCall);
  }
  const waiting = askForEquivalent(pipeline, input, identity);
  if (waiting !== null) return callEquivalent(pipeline, waiting, input).then(orCall);
  return callAsOperation(pipeline, input, next, identity);
}

function callAsOperation(pipeline: Pipeline, input: ActivityInput, next: Schedule, identity: string): Promise<unknown> {
  const { activityType, args, options } = input;
  const operation = new Operation(identity, activityType, args, pipeline.nowMs, 0, options);
  pipeline.journal.set(identity, operation);
  return callPlainly(pipeline, input, next, operation);
}

/** Makes the call, keeps its books, and lets fibers run ahead of it. Calls of message handlers have no operation. */
export function callPlainly(
  pipeline: Pipeline,
  input: ActivityInput,
  next: Schedule,
  operation: Operation | null,
): Promise<unknown> {
  const activityId = input.options.activityId ?? String(input.seq);
  const made = { ...input, headers: plainCallHeaders(pipeline, input, operation?.identity ?? null) };
  const call = operation === null ? next(made) : callOnceOrRaced(pipeline, operation, activityId, made, next);
  if (operation !== null) pipeline.listenTo(operation, activityId);
  pipeline.books.ledger.open({
    id: activityId,
    operation: input.activityType,
    kind: 'plain',
    edge: null,
    reservedUsd: '0',
    atMs: pipeline.nowMs,
  });
  if (operation !== null) lookUp(pipeline, operation);
  return call.then(
    (result) => {
      const { value, usage, writes } = unwrapResult(result);
      pipeline.written.wrote(writes ?? whatMayBeWritten(pipeline, input));
      // A copy that was faster has its own entry.
      if (operation?.race?.winner == null) pipeline.books.settle(activityId, 'committed', usage);
      if (operation !== null) {
        operation.resolve(value, pipeline.nowMs);
        settleHypotheses(pipeline, operation);
      }
      return value;
    },
    (error: unknown) => {
      pipeline.written.wrote(whatMayBeWritten(pipeline, input));
      bookFailure(pipeline, input, activityId, error);
      if (operation !== null) {
        operation.reject(error, pipeline.nowMs);
        settleHypotheses(pipeline, operation);
      }
      throw error;
    },
  );
}

function callOnceOrRaced(
  pipeline: Pipeline,
  operation: Operation,
  activityId: string,
  input: ActivityInput,
  next: Schedule,
): Promise<unknown> {
  if (copiesBeside(pipeline) === 0 || !pipeline.forecastable(operation.activityType)) return next(input);
  operation.race = new Race();
  return callRaced(pipeline, operation.race, activityId, input, next);
}

function bookFailure(pipeline: Pipeline, { options }: ActivityInput, activityId: string, error: unknown): void {
  const cancelled = isCancellation(error);
  // Temporal does not tell how a cancelled activity ended unless the caller waits for it.
  const waits = options.cancellationType === ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
  if (cancelled && !waits) pipeline.books.leave([activityId]);
  else {
    const usage = unwrapFailure(error, pipeline.settings?.free);
    pipeline.books.settle(activityId, cancelled ? 'cancelled' : 'failed', usage);
  }
}

/** Of a call that does not say what it has written: it failed, or its result is not plain JSON, with which that travels. */
function whatMayBeWritten(pipeline: Pipeline, { activityType }: ActivityInput): string[] {
  return pipeline.settings?.writing?.includes(activityType) === true ? [ANY_RESOURCE] : [];
}
