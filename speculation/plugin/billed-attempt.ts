import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, CompleteAsyncError, ensureApplicationFailure } from '@temporalio/common';
import { emptyControlState } from '../estimate/control-state';
import type { Observation } from '../estimate/observation';
import { ownEntry } from '../forecast/own-entry';
import { sumUsd } from '../ledger/price-usage';
import type { UsageRecord } from '../ledger/usage';
import type { ActivityHeader, Billed } from '../runtime/protocol';
import type { AttemptCall } from '../stages/attempt-call';
import { followedOutput } from '../streams/followed-output';
import { withOutputStream } from '../streams/output-stream';
import { operationBill, operationObservation, willBeRetried } from './activity-attempt';
import type { ActivityInterceptorOptions } from './activity-interceptor';
import { billedFailure } from './billed-failure';
import { spendingRequest } from './budget-request';
import { BilledHeartbeat, takeHandedOver } from './billed-heartbeat';
import { lostUsage, mayCost } from './lost-attempts';
import type { OperationPolicy } from './operation-policy';
import type { PriceTable } from './price-table';
import type { Reserved } from './shared-budgets';
import { touchedResources } from './touched-resources';
import { UsageMeter, withUsageMeter } from './usage-meter';
import { isWorkflowGone } from './workflow-gone';

interface BilledAttemptOptions extends ActivityInterceptorOptions {
  context: Context;
  /** Null when the workflow side does not understand bills: then the activity behaves as it does without the plugin. */
  header: ActivityHeader | null;
  /** Null for an activity that nobody declared. */
  operation: OperationPolicy | null;
  prices: PriceTable;
  args: readonly unknown[];
  call: AttemptCall;
}

type Outcome = { succeeded: true; value: unknown } | { succeeded: false };

/** One activity attempt and its books. */
export class BilledAttempt {
  readonly #options: BilledAttemptOptions;
  readonly #meter: UsageMeter;
  readonly #heartbeat: BilledHeartbeat | null;
  readonly #startedAtMs = performance.now();

  constructor(options: BilledAttemptOptions) {
    const { context, header, operation, prices, warnOnce, fitsInJson } = options;
    this.#options = options;
    this.#meter = new UsageMeter({
      attempt: context.info.attempt,
      prices,
      declaredModel: operation?.cost.kind === 'model' ? operation.cost.model : null,
      earlier: header === null ? [] : this.#earlierUsage(),
      warnOnce,
    });
    const usage = this.#meter.ofAllAttempts.bind(this.#meter);
    this.#heartbeat = header === null ? null : new BilledHeartbeat({ context, usage, fitsInJson });
  }

  #earlierUsage(): UsageRecord[] {
    const { context, operation, prices, state } = this.#options;
    const handedOver = takeHandedOver(context.info);
    if (operation === null) return handedOver.usage;
    const known = state === undefined ? undefined : ownEntry(state().operations, operation.activityType);
    return [...handedOver.usage, ...lostUsage(context.info, handedOver, operation, prices, known)];
  }

  async run(body: () => Promise<unknown>): Promise<unknown> {
    const { header, launchBeatMs } = this.#options;
    const beat = header?.launch === true ? setInterval(() => this.#heartbeat?.beat(), launchBeatMs) : undefined;
    try {
      // What is refused has not run: it has no bill, and nothing is to be learned from it.
      const reserved = await this.#reserve();
      return await this.#spend(body, reserved);
    } finally {
      clearInterval(beat);
    }
  }

  async #reserve(): Promise<Reserved | null> {
    const { budgets, context, header, operation, prices } = this.#options;
    const request = budgets === undefined ? null : spendingRequest(context.info, header, operation, prices);
    if (budgets === undefined || request === null) return null;
    return budgets.reserve(request, context.cancellationSignal);
  }

  async #spend(body: () => Promise<unknown>, reserved: Reserved | null): Promise<unknown> {
    const settle = (): void => reserved?.settle(sumUsd(this.#meter.ofThisAttempt().map(({ costUsd }) => costUsd)));
    try {
      this.#recordFixedPrice();
      const value = await this.#stream(() => withUsageMeter(this.#meter, body));
      settle();
      return this.#succeed(value);
    } catch (error) {
      // Whoever completes it later is not asked for the bill; then all of the reservation counts.
      if (!(error instanceof CompleteAsyncError)) settle();
      throw await this.#fail(error);
    }
  }

  async #stream(body: () => Promise<unknown>): Promise<unknown> {
    const { state = emptyControlState, ...attempt } = this.#options;
    const output = followedOutput({ ...attempt, state: state() });
    if (output === null) return body();
    try {
      return await withOutputStream(output, body);
    } finally {
      // What is cancelled has no result that a signal could meet.
      await output.finish(attempt.context.cancellationSignal.aborted ? 0 : undefined);
    }
  }

  #recordFixedPrice(): void {
    const { operation, context } = this.#options;
    if (operation?.cost.kind !== 'fixed' || operation.cost.usd === 0) return;
    const { workflowExecution, activityId, attempt } = context.info;
    this.#meter.recordFixed(`${workflowExecution?.runId ?? ''}/${activityId}/${attempt}`, operation.cost.costUsd);
  }

  #succeed(value: unknown): unknown {
    const { header, context, fitsInJson, canWrapResult, call, operation, args, warnOnce } = this.#options;
    const usage = this.#meter.ofAllAttempts();
    const isBilled = header !== null && usage.length > 0;
    const stage = call.prepared?.reference;
    const touched = touchedResources(operation, args, warnOnce);
    const isTold = isBilled || (header !== null && (stage !== undefined || Object.keys(touched).length > 0));
    const canWrap = isTold && fitsInJson(value) && canWrapResult(context.info.activityType);
    if (header?.launch === true && touched.reads !== undefined && !canWrap)
      throw unfitLaunch(context.info.activityType);
    // A bill that cannot travel with its result is booked by the control plane, so that no dollar is missing.
    const unreturnable = isBilled && !canWrap;
    this.#report({ succeeded: true, value }, { bill: isBilled, nobodyBooks: unreturnable });
    return canWrap
      ? ({ __runahead: 1, value, usage, ...touched, ...(stage === undefined ? {} : { stage }) } satisfies Billed)
      : value;
  }

  async #fail(error: unknown): Promise<unknown> {
    const { header, context } = this.#options;
    if (error instanceof CompleteAsyncError) return error;
    const cancellation = cancellationOf(context);
    // Also where another attempt is to follow: its pipeline may be ended before that.
    const bill = header !== null && this.#meter.ofAllAttempts().length > 0;
    const nobodyBooks = bill && cancellation !== null && (await isWorkflowGone(context));
    this.#report({ succeeded: false }, { bill, nobodyBooks });
    if (header === null) return error;
    const usage = this.#meter.ofAllAttempts();
    // The next attempt finds the bills in the last heartbeat, or that there are none; so does the pipeline after a time-out.
    if (usage.length > 0 || (this.#mayCost && this.#mayBeFollowed(error))) this.#heartbeat?.beatLast();
    return billedFailure(error, usage, cancellation);
  }

  get #mayCost(): boolean {
    const { operation } = this.#options;
    return operation !== null && mayCost(operation);
  }

  /** By another attempt. A worker that shuts down cancels its activities, and the server tries them again. */
  #mayBeFollowed(error: unknown): boolean {
    return willBeRetried(this.#options.context.info, ensureApplicationFailure(error));
  }

  #report(outcome: Outcome, { bill, nobodyBooks }: { bill: boolean; nobodyBooks: boolean }): void {
    const { context, header, operation, args, report } = this.#options;
    const { info } = context;
    const observations: Observation[] = [];
    if (operation !== null) {
      const pipeline = header?.pipeline ?? info.workflowType ?? '';
      const latencySeconds = (performance.now() - this.#startedAtMs) / 1000;
      const usage = this.#meter.ofThisAttempt();
      observations.push(operationObservation({ info, pipeline, operation, args, outcome, latencySeconds, usage }));
    }
    if (bill) observations.push(operationBill(info, this.#meter.ofAllAttempts(), nobodyBooks));
    if (observations.length > 0) report(observations);
  }
}

/** Why the activity was cancelled: CANCELLED, NOT_FOUND for a closed workflow, TIMED_OUT, WORKER_SHUTDOWN, ... */
function cancellationOf({ cancellationSignal }: Context): CancelledFailure | null {
  if (!cancellationSignal.aborted) return null;
  const reason: unknown = cancellationSignal.reason;
  return reason instanceof CancelledFailure ? reason : new CancelledFailure('CANCELLED');
}

/** What the launch has read cannot travel with its result, so nobody could tell whether it is stale by then. */
function unfitLaunch(activityType: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `${activityType} declares what it reads, and its result is not plain JSON, with which that travels; it cannot run ahead. Make the ` +
      'result plain JSON, or leave `reads` out.',
    'RunaheadRefused',
  );
}
