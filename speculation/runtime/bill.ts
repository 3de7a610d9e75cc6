import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
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
  if (cause instanceof TimeoutFailure) return unwrapHeartbeat(cause);
  if (!(cause instanceof ApplicationFailure || cause instanceof CancelledFailure)) return [];
  const details = cause.details ?? [];
  const usage = billsOf(details);
  if (usage.length > 0) {
    const kept = details.filter((detail) => !isMarked(detail));
    Object.assign(cause, { details: kept });
  }
  return usage;
}

/** The worker keeps its bills beside the details that the activity itself gave. */
function unwrapHeartbeat(cause: TimeoutFailure): UsageRecord[] {
  const details: unknown = cause.lastHeartbeatDetails;
  if (!isMarked(details)) return [];
  const { usage, user } = details as BilledHeartbeatDetails;
  Object.assign(cause, { lastHeartbeatDetails: user[0] });
  return usage;
}

function billsOf(details: unknown[]): UsageRecord[] {
  return details.filter(isMarked).flatMap((detail) => (detail as BilledDetail).usage);
}

function isMarked(value: unknown): value is { __runahead: 1 } {
  return typeof value === 'object' && value !== null && (value as { __runahead?: unknown }).__runahead === 1;
}
