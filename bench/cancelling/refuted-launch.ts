import type { WorkflowHandle } from '@temporalio/client';
import type { RunaheadClient } from '../../client/runahead-client';
import type { InvoiceLine, Meter } from '../../workers/meter';
import { finalOffset } from '../streaming/final-offset';
import { replyTimes } from '../streaming/scripted-reply';
import { sortedAnswer, TOKENS_PER_SECOND } from './model-script';
import type { Refuted } from './setting';

/** What became of one launch whose forecast was refuted. All times are of clocks of this machine. */
export interface RefutedLaunch {
  /** From the refuting event to the last token that the meter passed on, milliseconds. */
  toLastTokenMs: number;
  /** Part of it until the pipeline has asked for the cancel. */
  toRequestMs: number;
  /** Tokens that the meter passed on after the refuting event. */
  tokensAfter: number;
  /** All that the launch cost, as booked. An exact decimal string. */
  wasteUsd: string;
  /** How long the launch spoke, seconds. */
  spokeSeconds: number;
}

/** The pipeline did not do what is to be measured. */
export class NothingRefutedError extends Error {
  override readonly name = 'NothingRefutedError';
  readonly code = 'NOTHING_REFUTED';
}

/** Reads what became of the launch of a pipeline that has ended. @throws NothingRefutedError */
export async function refutedLaunch(
  handle: WorkflowHandle,
  refuted: Refuted,
  { books, meter }: { books: RunaheadClient; meter: Meter },
): Promise<RefutedLaunch> {
  const { entries } = await books.ledger(handle.workflowId);
  const launch = entries.find(({ kind, state }) => kind === 'launch' && state === 'cancelled');
  const sorter = entries.find(({ operation }) => operation !== 'answer');
  const invoice = meter.invoice();
  const line = lineOf(invoice, launch?.usage[0]?.requestId);
  const sorterLine = lineOf(invoice, sorter?.usage[0]?.requestId);
  const times = await eventTimes(handle);
  const refutedAtMs = refuted === 'by-answer' ? times.sorted : contradictedAtMs(sorterLine);
  const lastTokenAtMs = line?.lastTokenAtMs ?? null;
  const firstTokenAtMs = line?.firstTokenAtMs ?? null;
  if (
    launch === undefined ||
    line === undefined ||
    lastTokenAtMs === null ||
    firstTokenAtMs === null ||
    refutedAtMs === null ||
    times.cancelRequested === null
  ) {
    throw new NothingRefutedError(
      `${handle.workflowId}: no launch spoke and was cancelled: ${JSON.stringify(entries).slice(0, 1500)}`,
    );
  }
  const toLastTokenMs = Math.max(0, lastTokenAtMs - refutedAtMs);
  return {
    toLastTokenMs,
    toRequestMs: Math.max(0, times.cancelRequested - refutedAtMs),
    // The model speaks at an even pace.
    tokensAfter: Math.min(line.outputTokens, Math.round((toLastTokenMs / 1000) * TOKENS_PER_SECOND)),
    wasteUsd: launch.costUsd,
    spokeSeconds: (lastTokenAtMs - line.startedAtMs) / 1000,
  };
}

function lineOf(invoice: readonly InvoiceLine[], requestId: string | undefined): InvoiceLine | undefined {
  return requestId === undefined ? undefined : invoice.find((line) => line.requestId === requestId);
}

/** When the meter passed on the first letter that the forecast does not have. */
function contradictedAtMs(line: InvoiceLine | undefined): number | null {
  if (line?.firstTokenAtMs == null) return null;
  const json = sortedAnswer();
  const times = replyTimes({ json, firstTokenSeconds: 0, tokensPerSecond: TOKENS_PER_SECOND });
  const firstLetter = finalOffset(json, ['route']) - JSON.stringify(json.route).length + 2;
  return line.firstTokenAtMs + times.readAfterSeconds(firstLetter) * 1000;
}

interface EventTimes {
  /** When the server had the answer of the first call. */
  sorted: number | null;
  cancelRequested: number | null;
}

async function eventTimes(handle: WorkflowHandle): Promise<EventTimes> {
  const { events } = await handle.fetchHistory();
  const first = events?.find(
    ({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name?.startsWith('sort') === true && scheduled.activityId?.startsWith('spec') !== true,
  );
  const timeOf = (event: NonNullable<typeof events>[number] | undefined): number | null =>
    event?.eventTime == null ? null : Number(event.eventTime.seconds) * 1000 + (event.eventTime.nanos ?? 0) / 1e6;
  return {
    sorted: timeOf(
      events?.find(({ activityTaskCompletedEventAttributes: completed }) =>
        completed?.scheduledEventId == null || first?.eventId == null
          ? false
          : String(completed.scheduledEventId) === String(first.eventId),
      ),
    ),
    cancelRequested: timeOf(events?.find((event) => event.activityTaskCancelRequestedEventAttributes != null)),
  };
}
