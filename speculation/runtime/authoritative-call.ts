import {
  ActivityCancellationType,
  type ActivityInput,
  CancellationScope,
  isCancellation,
  type Next,
} from '@temporalio/workflow';
import type { WorkflowOutboundCallsInterceptor } from '@temporalio/workflow';
import { unwrapFailure, unwrapResult } from './bill';
import { claim } from './claim';
import { withHeader } from './header';
import { lookUp } from './look-up';
import { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { settleHypotheses } from './settle-hypotheses';

type Schedule = Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>;

/** The authoritative run asks for an activity: claim the launch of this very call, or make it as Temporal would. */
export async function callFromAuthoritative(
  pipeline: Pipeline,
  input: ActivityInput,
  next: Schedule,
): Promise<unknown> {
  pipeline.progress++;
  const identity = pipeline.authoritative.identify(input.activityType, input.args);
  const launch = pipeline.launches.get(identity);
  if (launch?.claimable === true && !CancellationScope.current().consideredCancelled) {
    const claimed = await claim(pipeline, launch, input);
    if (claimed.served) return claimed.value;
  }
  const { activityType, args, options } = input;
  const operation = new Operation(identity, activityType, args, Date.now(), 0, options);
  pipeline.journal.set(identity, operation);
  return callPlainly(pipeline, input, next, operation);
}

/** Makes the call, keeps its books, and lets fibers run ahead of it. Calls of message handlers have no operation. */
export async function callPlainly(
  pipeline: Pipeline,
  input: ActivityInput,
  next: Schedule,
  operation: Operation | null,
): Promise<unknown> {
  const activityId = input.options.activityId ?? String(input.seq);
  const header = { version: 1, pipeline: pipeline.type, launch: false, forecastFor: null } as const;
  const call = next({ ...input, headers: withHeader(input.headers, header) });
  pipeline.ledger.open({
    id: activityId,
    operation: input.activityType,
    kind: 'plain',
    edge: null,
    reservedUsd: '0',
    atMs: Date.now(),
  });
  if (operation !== null) lookUp(pipeline, operation);
  try {
    const { value, usage } = unwrapResult(await call);
    pipeline.settle(activityId, 'committed', usage);
    operation?.resolve(value, Date.now());
    return value;
  } catch (error) {
    const cancelled = isCancellation(error);
    // Temporal does not tell how a cancelled activity ended unless the caller waits for it.
    const endIsUnknown =
      cancelled && input.options.cancellationType !== ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
    if (endIsUnknown) pipeline.leave([activityId]);
    else pipeline.settle(activityId, cancelled ? 'cancelled' : 'failed', unwrapFailure(error));
    operation?.reject(error, Date.now());
    throw error;
  } finally {
    if (operation !== null) settleHypotheses(pipeline, operation);
  }
}
