import type { Client } from '@temporalio/client';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow';
import type { UsageRecord } from '../../speculation/ledger/usage';
import type { BilledDetail } from '../../speculation/runtime/protocol';

/** The bills that the history of a run has, with the results that brought them. */
export interface HistoryBills {
  entries: { id: string; usage: UsageRecord[]; omittedBills: 0 }[];
  /** The run that this one continues, whose entries it may have taken over. */
  continuedFrom: string | null;
}

/**
 * All bills that came with the activities of a run. The ledger lists the latest 200 entries with 20 bills each; the history has them all.
 *
 * @throws what the server answers, for example when the history is gone
 */
export async function billsInHistory(client: Client, workflowId: string, runId: string): Promise<HistoryBills> {
  const { loadedDataConverter } = client.options;
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const activityIds = new Map<string, string>();
  const bills: HistoryBills = { entries: [], continuedFrom: null };
  for (const event of events ?? []) {
    const { workflowExecutionStartedEventAttributes: started, activityTaskScheduledEventAttributes: scheduled } = event;
    if (started != null) bills.continuedFrom = nonEmpty(started.continuedExecutionRunId);
    if (scheduled != null) activityIds.set(String(event.eventId), scheduled.activityId ?? '');
    const ended =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskCanceledEventAttributes ??
      event.activityTaskTimedOutEventAttributes;
    if (ended == null) continue;
    const usage = await billsOf(loadedDataConverter, payloadsOf(ended));
    const id = activityIds.get(String(ended.scheduledEventId)) ?? '';
    if (usage.length > 0) bills.entries.push({ id, usage, omittedBills: 0 });
  }
  return bills;
}

interface Payloads {
  payloads?: Payload[] | null;
}

/** Where the events in which an activity ends keep what it gave. */
interface Ended {
  result?: Payloads | null;
  details?: Payloads | null;
  failure?: {
    applicationFailureInfo?: { details?: Payloads | null } | null;
    canceledFailureInfo?: { details?: Payloads | null } | null;
    timeoutFailureInfo?: { lastHeartbeatDetails?: Payloads | null } | null;
  } | null;
}

function payloadsOf({ result, details, failure }: Ended): Payload[] {
  return [
    result,
    details,
    failure?.applicationFailureInfo?.details,
    failure?.canceledFailureInfo?.details,
    failure?.timeoutFailureInfo?.lastHeartbeatDetails,
  ].flatMap((each) => each?.payloads ?? []);
}

async function billsOf(converter: LoadedDataConverter, payloads: Payload[]): Promise<UsageRecord[]> {
  const bills: UsageRecord[] = [];
  for (const [index] of payloads.entries()) {
    const value: unknown = await decodeFromPayloadsAtIndex(converter, index, payloads);
    if (isBilled(value)) bills.push(...value.usage);
  }
  return bills;
}

function isBilled(value: unknown): value is BilledDetail {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { __runahead?: unknown }).__runahead === 1 &&
    'usage' in value
  );
}

function nonEmpty(text: string | null | undefined): string | null {
  return text === undefined || text === null || text === '' ? null : text;
}
