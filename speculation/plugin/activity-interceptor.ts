import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, CompleteAsyncError, defaultPayloadConverter } from '@temporalio/common';
import type { Headers } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInterceptorsFactory } from '@temporalio/worker';
import { checkAdmissible } from '../decision/admissibility';
import type { Observation } from '../estimate/observation';
import { HEADER, type ActivityHeader, type Billed } from '../runtime/protocol';
import { launchBill, operationObservation } from './activity-attempt';
import { billedFailure } from './billed-failure';
import { BilledHeartbeat, takeEarlierUsage } from './billed-heartbeat';
import { outputMisfit } from './operation-policy';
import type { Policy } from './policy-file';
import { PriceTable } from './price-table';
import { UsageMeter, withUsageMeter } from './usage-meter';
import type { WarnOnce } from './warn-once';

export interface ActivityInterceptorOptions {
  /** Null on a worker without a policy: it books, but runs no launch. */
  policy: Policy | null;
  report: (observations: Observation[]) => void;
  /** Whether a result or a heartbeat detail means the same inside of a JSON object. */
  fitsInJson: (value: unknown) => boolean;
  /** Whether results of an activity type can be wrapped at all. */
  canWrapResult: (activityType: string) => boolean;
  /** How often a launch beats by itself, so that its cancellation arrives, milliseconds. */
  launchBeatMs: number;
  warnOnce: WarnOnce;
}

type Next = (input: ActivityExecuteInput) => Promise<unknown>;

/** Keeps the books of every activity attempt, and lets its bills travel back to the pipeline. */
export function activityInterceptor(options: ActivityInterceptorOptions): ActivityInterceptorsFactory {
  const prices = options.policy?.prices ?? new PriceTable();
  return (context) => {
    if (context.info.isLocal) return {};
    return { inbound: { execute: (input, next: Next) => executeBilled(context, input, next, options, prices) } };
  };
}

async function executeBilled(
  context: Context,
  input: ActivityExecuteInput,
  next: Next,
  options: ActivityInterceptorOptions,
  prices: PriceTable,
): Promise<unknown> {
  const { info } = context;
  const { policy } = options;
  const header = readActivityHeader(input.headers);
  if (header?.launch === true) refuseInadmissibleLaunch(options, info.activityType);
  const operation = policy?.operations.get(info.activityType) ?? null;
  const earlier = header === null ? [] : takeEarlierUsage(info);
  const declaredModel = operation?.cost.kind === 'model' ? operation.cost.model : null;
  const meter = new UsageMeter({
    attempt: info.attempt,
    prices,
    declaredModel,
    earlier,
    warnOnce: options.warnOnce,
  });
  const heartbeat =
    header === null
      ? null
      : new BilledHeartbeat({ context, usage: () => meter.ofAllAttempts(), fitsInJson: options.fitsInJson });
  const observations: Observation[] = [];
  let beat: NodeJS.Timeout | undefined;
  let outcome: { succeeded: true; value: unknown } | { succeeded: false } = { succeeded: false };
  let unreturnable = false;
  const startedAtMs = performance.now();
  try {
    if (header?.launch === true) beat = setInterval(() => heartbeat?.beat(), options.launchBeatMs);
    if (operation?.cost.kind === 'fixed' && operation.cost.usd > 0) {
      const runId = info.workflowExecution?.runId ?? '';
      meter.recordFixed(`${runId}/${info.activityId}/${info.attempt}`, operation.cost.costUsd);
    }
    const value = await withUsageMeter(meter, () => next(input));
    if (typeof header?.forecastFor === 'string') refuseMisfittingDraft(policy, header.forecastFor, value);
    outcome = { succeeded: true, value };
    const usage = meter.ofAllAttempts();
    if (header === null || usage.length === 0) return value;
    if (options.fitsInJson(value) && options.canWrapResult(info.activityType)) {
      return { __runahead: 1, value, usage } satisfies Billed;
    }
    // The bill cannot travel with this result; the control plane books it, so that no dollar is missing.
    unreturnable = true;
    return value;
  } catch (error) {
    if (error instanceof CompleteAsyncError || header === null) throw error;
    // The next attempt finds the bills in the last heartbeat; so does the pipeline after a time-out.
    if (meter.ofAllAttempts().length > 0) heartbeat?.beat();
    throw billedFailure(error, meter.ofAllAttempts(), cancellationOf(context));
  } finally {
    clearInterval(beat);
    const usage = meter.ofThisAttempt();
    if (operation !== null) {
      const pipeline = header?.pipeline ?? info.workflowType ?? '';
      const latencySeconds = (performance.now() - startedAtMs) / 1000;
      observations.push(
        operationObservation({ info, pipeline, operation, args: input.args, outcome, latencySeconds, usage }),
      );
    }
    if (unreturnable) observations.push(launchBill(info, meter.ofAllAttempts(), true));
    else if (header?.launch === true) observations.push(launchBill(info, usage, isWorkflowGone(context)));
    if (observations.length > 0) options.report(observations);
  }
}

function readActivityHeader(headers: Headers): ActivityHeader | null {
  const payload = headers[HEADER];
  if (payload === undefined) return null;
  const header = defaultPayloadConverter.fromPayload<Partial<ActivityHeader> | null>(payload);
  // A header of a newer version promises nothing that this worker knows how to rely on.
  return header?.version === 1 ? (header as ActivityHeader) : null;
}

/** The last line of the default deny: what this worker's own policy does not allow early is not run early, whoever asks. */
function refuseInadmissibleLaunch({ policy }: ActivityInterceptorOptions, activityType: string): void {
  const { admissible, reason } = checkAdmissible(policy?.operations.get(activityType));
  if (admissible) return;
  throw ApplicationFailure.nonRetryable(
    `The policy of this worker does not let ${activityType} run ahead of its input (${reason}). ` +
      'Give pipelines and activities the same policy.',
    'RunaheadRefused',
  );
}

function refuseMisfittingDraft(policy: Policy | null, activityType: string, value: unknown): void {
  const target = policy?.operations.get(activityType);
  const misfit = target === undefined ? null : outputMisfit(target, value);
  if (misfit === null) return;
  throw ApplicationFailure.nonRetryable(
    `The draft of ${activityType} does not fit its declared output at ${misfit.path}: ${misfit.reason}`,
    'RunaheadMisfit',
  );
}

function cancellationOf({ cancellationSignal }: Context): CancelledFailure | null {
  if (!cancellationSignal.aborted) return null;
  const reason: unknown = cancellationSignal.reason;
  return reason instanceof CancelledFailure ? reason : new CancelledFailure('CANCELLED');
}

/** The server says so in answer to a heartbeat once the workflow has closed. */
function isWorkflowGone(context: Context): boolean {
  return cancellationOf(context)?.message === 'NOT_FOUND';
}
