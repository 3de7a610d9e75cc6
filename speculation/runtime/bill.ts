import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';
import { missingBill } from '../ledger/missing-bill';
import type { UsageRecord } from '../ledger/usage';
import type { Billed, BilledDetail, BilledHeartbeatDetails, StageReference } from './protocol';

/** What came back with the value of an activity. */
export interface Unwrapped {
  value: unknown;
  usage: UsageRecord[];
  reads: readonly string[];
  /** Null where nothing is said of it. */
  writes: readonly string[] | null;
  /** Null where there is nothing to commit. */
  stage: StageReference | null;
}

/** Takes the bills off an activity result; the pipeline sees only the value. */
export function unwrapResult(result: unknown): Unwrapped {
  if (!(isMarked(result) && 'usage' in result))
    return { value: result, usage: [], reads: [], writes: null, stage: null };
  const { value, usage, reads = [], writes = null, stage = null } = result as Billed;
  return { value, usage, reads, writes, stage };
}

/**
 * Takes the bills off a failed activity, so that the pipeline sees the failure that its own code threw.
 *
 * @param free activity types that cost nothing, so that no bill of theirs is ever missing
 */
export function unwrapFailure(error: unknown, free: readonly string[] = []): UsageRecord[] {
  const activity = error instanceof ActivityFailure ? error : null;
  const cause = activity === null ? error : activity.cause;
  if (cause instanceof TimeoutFailure) return unwrapTimeout(cause, activity, free);
  if (!(cause instanceof ApplicationFailure || cause instanceof CancelledFailure)) return [];
  const details = cause.details ?? [];
  const usage = billsOf(details);
  if (usage.length > 0) {
    const kept = details.filter((detail) => !isMarked(detail));
    Object.assign(cause, { details: kept });
  }
  return usage;
}

/**
 * The worker keeps its bills beside the details that the activity itself gave. A time-out is the only end of an attempt that says nothing
 * by itself: where the last heartbeat does not know the attempt either, its bill is missing.
 */
function unwrapTimeout(
  cause: TimeoutFailure,
  activity: ActivityFailure | null,
  free: readonly string[],
): UsageRecord[] {
  const details: unknown = cause.lastHeartbeatDetails;
  const billed = isMarked(details) ? (details as BilledHeartbeatDetails) : null;
  if (billed !== null) Object.assign(cause, { lastHeartbeatDetails: billed.user[0] });
  const { usage, accountedAttempts = 0 } = billed ?? { usage: [] };
  const isFree = activity !== null && free.includes(activity.activityType);
  if (isFree || usage.some(({ attempt }) => attempt > accountedAttempts)) return usage;
  if (endedInQueue(cause, activity) && !hasLostAttempt(cause, accountedAttempts)) return usage;
  const attempt = accountedAttempts + 1;
  const activityId = encodeURIComponent(activity?.activityId ?? '');
  return [...usage, missingBill(`${workflowInfo().runId}/${activityId}/${attempt}/1`, attempt)];
}

/** Whether no worker had the call when its time was up. The server then names no event that started it, whatever the time-out is. */
function endedInQueue({ timeoutType }: TimeoutFailure, activity: ActivityFailure | null): boolean {
  const info = activity?.failure?.activityFailureInfo;
  if (info == null) return timeoutType === TimeoutType.SCHEDULE_TO_START;
  return String(info.startedEventId ?? 0) === '0';
}

/**
 * Whether an attempt before the one in the queue is over and has not said what it consumed. The server keeps how the last one ended as the
 * cause of the time-out: an attempt that timed out has told nobody.
 */
function hasLostAttempt({ failure }: TimeoutFailure, accountedAttempts: number): boolean {
  const earlier = failure?.cause;
  if (earlier == null) return false;
  return earlier.timeoutFailureInfo != null || accountedAttempts === 0;
}

function billsOf(details: unknown[]): UsageRecord[] {
  return details.filter(isMarked).flatMap((detail) => (detail as BilledDetail).usage);
}

function isMarked(value: unknown): value is { __runahead: 1 } {
  return typeof value === 'object' && value !== null && (value as { __runahead?: unknown }).__runahead === 1;
}
