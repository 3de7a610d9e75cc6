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
  writes: readonly string[];
  /** Null where there is nothing to commit. */
  stage: StageReference | null;
}

/** Takes the bills off an activity result; the pipeline sees only the value. */
export function unwrapResult(result: unknown): Unwrapped {
  if (!(isMarked(result) && 'usage' in result)) return { value: result, usage: [], reads: [], writes: [], stage: null };
  const { value, usage, reads = [], writes = [], stage = null } = result as Billed;
  return { value, usage, reads, writes, stage };
}

/** Takes the bills off a failed activity, so that the pipeline sees the failure that its own code threw. */
export function unwrapFailure(error: unknown): UsageRecord[] {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) {
    return unwrapHeartbeat(cause, error instanceof ActivityFailure ? (error.activityId ?? '') : '');
  }
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
function unwrapHeartbeat(cause: TimeoutFailure, activityId: string): UsageRecord[] {
  const details: unknown = cause.lastHeartbeatDetails;
  const billed = isMarked(details) ? (details as BilledHeartbeatDetails) : null;
  if (billed !== null) Object.assign(cause, { lastHeartbeatDetails: billed.user[0] });
  const { usage, accountedAttempts = 0 } = billed ?? { usage: [] };
  const wasNeverStarted = cause.timeoutType === TimeoutType.SCHEDULE_TO_START;
  if (wasNeverStarted || usage.some(({ attempt }) => attempt > accountedAttempts)) return usage;
  const attempt = accountedAttempts + 1;
  return [...usage, missingBill(`${workflowInfo().runId}/${encodeURIComponent(activityId)}/${attempt}/1`, attempt)];
}

function billsOf(details: unknown[]): UsageRecord[] {
  return details.filter(isMarked).flatMap((detail) => (detail as BilledDetail).usage);
}

function isMarked(value: unknown): value is { __runahead: 1 } {
  return typeof value === 'object' && value !== null && (value as { __runahead?: unknown }).__runahead === 1;
}
