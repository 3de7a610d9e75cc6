import type { Context } from '@temporalio/activity';
import { ApplicationFailure, defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { checkAdmissible } from '../decision/admissibility';
import type { ControlState } from '../estimate/control-state';
import type { Observation } from '../estimate/observation';
import { HEADER, type ActivityHeader } from '../runtime/protocol';
import { AttemptCall, withAttemptCall } from '../stages/attempt-call';
import { BilledAttempt } from './billed-attempt';
import { outputMisfit } from './operation-policy';
import type { Policy } from './policy-file';
import { PriceTable } from './price-table';
import type { SharedBudgets } from './shared-budgets';
import type { WarnOnce } from './warn-once';

export interface ActivityInterceptorOptions {
  /** Null on a worker without a policy: it books, but runs no launch. */
  policy: Policy | null;
  /** What is known now. @default nothing */
  state?: () => ControlState;
  report: (observations: Observation[]) => void;
  /** Asked before a launch or a draft starts. @default none is in force */
  budgets?: SharedBudgets;
  /** Whether a result or a heartbeat detail means the same inside of a JSON object. */
  fitsInJson: (value: unknown) => boolean;
  /** Whether results of an activity type can be wrapped at all. */
  canWrapResult: (activityType: string) => boolean;
  /** How often a launch beats by itself, so that its cancellation arrives, milliseconds. */
  launchBeatMs: number;
  warnOnce: WarnOnce;
}

/** Keeps the books of every activity attempt, and lets its bills travel back to the pipeline. */
export function activityInterceptor(options: ActivityInterceptorOptions): ActivityInterceptorsFactory {
  const { policy } = options;
  const prices = policy?.prices ?? new PriceTable();
  return (context: Context) => {
    const { activityType, isLocal } = context.info;
    return {
      inbound: {
        execute: (input, next) => {
          const header = readActivityHeader(input.headers);
          const call = new AttemptCall(context.info, header, input.args);
          if (isLocal) return withAttemptCall(call, () => next(input));
          if (header?.launch === true) refuseInadmissibleLaunch(policy, activityType);
          const operation = policy?.operations.get(activityType) ?? null;
          const { args } = input;
          const attempt = new BilledAttempt({ ...options, context, header, operation, prices, args, call });
          return attempt.run(async () => {
            const value = await withAttemptCall(call, () => withdrawnUnlessReturned(call, options, () => next(input)));
            if (typeof header?.forecastFor === 'string') refuseMisfittingDraft(policy, header.forecastFor, value);
            return value;
          });
        },
      },
    };
  };
}

function readActivityHeader(headers: Headers): ActivityHeader | null {
  const payload = headers[HEADER];
  if (payload === undefined) return null;
  const header = defaultPayloadConverter.fromPayload<Partial<ActivityHeader> | null>(payload);
  // A header of a newer version promises nothing that this worker knows how to rely on.
  return header?.version === 1 ? (header as ActivityHeader) : null;
}

/** The last line of the default deny: what this worker's own policy does not allow early is not run early, whoever asks. */
function refuseInadmissibleLaunch(policy: Policy | null, activityType: string): void {
  const { admissible, reason } = checkAdmissible(policy?.operations.get(activityType));
  if (admissible) return;
  throw ApplicationFailure.nonRetryable(
    `The policy of this worker does not let ${activityType} run ahead of its input (${reason}). ` +
      'Give the workers of pipelines and of activities the same policy.',
    'RunaheadRefused',
  );
}

/** What a launch has prepared is dropped where the pipeline cannot be told about it. */
async function withdrawnUnlessReturned(
  call: AttemptCall,
  { fitsInJson, canWrapResult }: ActivityInterceptorOptions,
  body: () => Promise<unknown>,
): Promise<unknown> {
  try {
    const value = await body();
    if (call.prepared === null) return value;
    const { activityType } = call.prepared.reference;
    if (fitsInJson(value) && canWrapResult(activityType)) return value;
    throw ApplicationFailure.nonRetryable(
      `What ${activityType} has prepared cannot be handed to its pipeline: the data converter of this worker does not write ` +
        'its result as JSON.',
      'RunaheadUnreturnable',
    );
  } catch (error) {
    await call.prepared?.withdraw();
    throw error;
  }
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
