import { ApplicationFailure, CancelledFailure, CompleteAsyncError, ensureApplicationFailure } from '@temporalio/common';
import type { UsageRecord } from '../ledger/usage';
import type { BilledDetail } from '../runtime/protocol';

/**
 * The failure that the SDK would make of an error thrown by an activity, with the bills as its last detail.
 *
 * @param cancellation why the activity was cancelled; null if it was not
 */
export function billedFailure(error: unknown, usage: UsageRecord[], cancellation: CancelledFailure | null): unknown {
  if (error instanceof CompleteAsyncError || usage.length === 0) return error;
  const bill: BilledDetail = { __runahead: 1, usage };
  if (cancellation !== null) {
    if (error instanceof CancelledFailure) {
      return new CancelledFailure(error.message, [...error.details, bill], error.cause);
    }
    // What `fetch` and its like throw when their signal fires; the SDK takes it for a cancellation, but without details.
    if (isAbortError(error)) return new CancelledFailure(cancellation.message, [bill]);
  }
  const plain = ensureApplicationFailure(error);
  const { message, type, nonRetryable, details, cause, category } = plain;
  const billed = new ApplicationFailure(
    message,
    type,
    nonRetryable,
    [...(details ?? []), bill],
    cause,
    // Milliseconds or a text such as "2s"; it is only passed on.
    plain.nextRetryDelay as number | undefined,
    category,
  );
  if (plain.stack !== undefined) billed.stack = plain.stack;
  return billed;
}

/** By name, as the SDK does: an error may come from another realm. */
function isAbortError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { name?: unknown }).name === 'AbortError';
}
