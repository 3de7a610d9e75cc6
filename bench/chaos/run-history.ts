import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import {
  COMMIT_STAGE_ACTIVITY,
  HEADER,
  LAUNCH_PREFIX,
  type ActivityHeader,
  type StageReference,
} from '../../speculation/runtime/protocol';

export type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** An activity that a run has asked for, by its history alone. */
export interface HistoryCall {
  activityId: string;
  activityType: string;
  args: unknown[];
  /** Made ahead of the pipeline. */
  launch: boolean;
  outcome: 'open' | 'completed' | 'failed' | 'cancelled';
  /** The attempt that ended it; 0 while there is no end. */
  attempts: number;
  /** Of a commit: which stage. */
  stageId: string | null;
}

/** What the history of one run says that it did. */
export interface RunHistory {
  runId: string;
  calls: HistoryCall[];
  /** Its last event: how the run ended. */
  end: string;
  /** When that was, milliseconds since 1970; null while the run is open. */
  endedAtMs: number | null;
}

export function readRunHistory(runId: string, events: readonly HistoryEvent[]): RunHistory {
  const byEvent = new Map<string, HistoryCall>();
  const of = (id: unknown): HistoryCall | undefined => byEvent.get(String(id));
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled != null) byEvent.set(String(event.eventId), callOf(scheduled));
    const started = event.activityTaskStartedEventAttributes;
    const startedCall = started == null ? undefined : of(started.scheduledEventId);
    if (startedCall !== undefined) startedCall.attempts = started?.attempt ?? 1;
    end(of(event.activityTaskCompletedEventAttributes?.scheduledEventId), 'completed');
    end(of(event.activityTaskFailedEventAttributes?.scheduledEventId), 'failed');
    end(of(event.activityTaskTimedOutEventAttributes?.scheduledEventId), 'failed');
    end(of(event.activityTaskCanceledEventAttributes?.scheduledEventId), 'cancelled');
  }
  return { runId, calls: [...byEvent.values()], ...endOf(events.at(-1)) };
}

const ENDS = {
  workflowExecutionCompletedEventAttributes: 'completed',
  workflowExecutionFailedEventAttributes: 'failed',
  workflowExecutionCanceledEventAttributes: 'cancelled',
  workflowExecutionTerminatedEventAttributes: 'terminated',
  workflowExecutionTimedOutEventAttributes: 'timed out',
  workflowExecutionContinuedAsNewEventAttributes: 'continued as new',
} as const satisfies { [Attributes in keyof HistoryEvent]?: string };

function endOf(event: HistoryEvent | undefined): Pick<RunHistory, 'end' | 'endedAtMs'> {
  const found = Object.entries(ENDS).find(([attributes]) => event?.[attributes as keyof typeof ENDS] != null);
  if (found === undefined) return { end: 'open', endedAtMs: null };
  return { end: found[1], endedAtMs: Number(event?.eventTime?.seconds ?? 0) * 1000 };
}

function end(call: HistoryCall | undefined, outcome: HistoryCall['outcome']): void {
  if (call !== undefined) call.outcome = outcome;
}

function callOf(scheduled: NonNullable<HistoryEvent['activityTaskScheduledEventAttributes']>): HistoryCall {
  const activityType = scheduled.activityType?.name ?? '';
  const args = (scheduled.input?.payloads ?? []).map((payload) =>
    defaultPayloadConverter.fromPayload<unknown>(payload),
  );
  const header = scheduled.header?.fields?.[HEADER];
  const told = header == null ? null : defaultPayloadConverter.fromPayload<ActivityHeader | null>(header);
  const activityId = scheduled.activityId ?? '';
  return {
    activityId,
    activityType,
    args,
    launch: told?.launch ?? activityId.startsWith(LAUNCH_PREFIX),
    outcome: 'open',
    attempts: 0,
    stageId: activityType === COMMIT_STAGE_ACTIVITY ? ((args[0] as StageReference | undefined)?.id ?? null) : null,
  };
}
