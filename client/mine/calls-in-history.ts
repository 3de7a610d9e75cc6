import type { LoadedDataConverter, Payload } from '@temporalio/common';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { temporal } from '@temporalio/proto';
import { unwrapResult } from '../../speculation/runtime/bill';
import { EQUIVALENT_ACTIVITY } from '../../speculation/runtime/equivalence-protocol';
import {
  COMMIT_STAGE_ACTIVITY,
  COPY_PREFIX,
  DRAFT_PREFIX,
  HEADER,
  LAUNCH_PREFIX,
} from '../../speculation/runtime/protocol';

type History = temporal.api.history.v1.IHistory;
type Event = temporal.api.history.v1.IHistoryEvent;
type Scheduled = temporal.api.history.v1.IActivityTaskScheduledEventAttributes;

/** An activity of a run, as its history has it. */
export interface HistoryCall {
  activityId: string;
  /** Activity type. */
  operation: string;
  /** As plain JSON. */
  args: readonly unknown[];
  /** `plain` for what the pipeline asked for itself, else why Runahead made it. */
  kind: 'plain' | 'launch' | 'draft' | 'copy';
  /** What a launch says that it rests on: the operation, and the beginning of its output as canonical JSON. Null for any other call. */
  assumes: { upstream: string; beginning: string } | null;
  /** Its output as plain JSON, bills taken off; null where it did not end well. */
  output: { value: unknown } | null;
  /** Numbers of the events: what it knew, and who knew of it. */
  scheduledEvent: number;
  completedEvent: number | null;
}

const OWN_ACTIVITIES: readonly string[] = [EQUIVALENT_ACTIVITY, COMMIT_STAGE_ACTIVITY];

/**
 * All calls of activities in the order in which they were scheduled, without Runahead's own comparisons and commits. Look-ups and other
 * local activities are no calls of activities.
 *
 * @throws ValueError and what a codec throws, when a payload cannot be decoded
 */
export async function callsInHistory(history: History, converter: LoadedDataConverter): Promise<HistoryCall[]> {
  const calls = new Map<number, HistoryCall>();
  for (const event of history.events ?? []) {
    const { activityTaskScheduledEventAttributes: scheduled, activityTaskCompletedEventAttributes: completed } = event;
    if (scheduled != null && !OWN_ACTIVITIES.includes(scheduled.activityType?.name ?? '')) {
      calls.set(Number(event.eventId), await callOf(event, scheduled, converter));
    }
    const call = completed == null ? undefined : calls.get(Number(completed.scheduledEventId));
    if (completed == null || call === undefined) continue;
    const [result] = await decodeArrayFromPayloads(converter, payloadsOf(completed.result));
    call.output = { value: plainJson(unwrapResult(result).value) };
    call.completedEvent = Number(event.eventId);
  }
  return [...calls.values()];
}

async function callOf(event: Event, scheduled: Scheduled, converter: LoadedDataConverter): Promise<HistoryCall> {
  const activityId = scheduled.activityId ?? '';
  const kind = scheduled.header?.fields?.[HEADER] == null ? 'plain' : kindOf(activityId);
  return {
    activityId,
    operation: scheduled.activityType?.name ?? '',
    args: (await decodeArrayFromPayloads(converter, payloadsOf(scheduled.input))).map(plainJson),
    kind,
    assumes: kind === 'launch' ? await assumptionOf(event, converter) : null,
    output: null,
    scheduledEvent: Number(event.eventId),
    completedEvent: null,
  };
}

function kindOf(activityId: string): HistoryCall['kind'] {
  if (activityId.startsWith(LAUNCH_PREFIX)) return 'launch';
  if (activityId.startsWith(DRAFT_PREFIX)) return 'draft';
  return activityId.startsWith(COPY_PREFIX) ? 'copy' : 'plain';
}

/** From the line beside a launch in the Web UI: `P 0.50 · ... · assumes classify → {"route":"refu`. */
async function assumptionOf(event: Event, converter: LoadedDataConverter): Promise<HistoryCall['assumes']> {
  const { summary } = event.userMetadata ?? {};
  const [text] = await decodeArrayFromPayloads(converter, summary == null ? [] : [summary]);
  const [, upstream, beginning] = (typeof text === 'string' ? /· assumes (.+?) → (.*)$/s.exec(text) : null) ?? [];
  return upstream === undefined || beginning === undefined ? null : { upstream, beginning };
}

function payloadsOf(field: { payloads?: Payload[] | null } | null | undefined): Payload[] {
  return field?.payloads ?? [];
}

/** As a look-up carries it: what JSON cannot say is null. */
function plainJson(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
}
