import { msToNumber } from '@temporalio/common/lib/time';
import type { InjectedSinks, WorkerOptions } from '@temporalio/worker';
import type { Observation } from '../estimate/observation';
import { COMMIT_STAGE_ACTIVITY, type RunaheadSinks, type StageReference } from '../runtime/protocol';

/** Milliseconds; or a text such as "2s", which `msToNumber` understands although its type here does not say so. */
type Interval = number | undefined;

/**
 * Half of it is what a cancellation waits for on average where the server does not push it, and every heartbeat costs an action in Temporal
 * Cloud: measured by `runahead bench cancel`.
 */
export const DEFAULT_HEARTBEAT_THROTTLE_MS = 125;

/** Names of the activities that a worker runs for pipelines: its own, and those that stages add. */
export function userActivityNames({ activities }: WorkerOptions): string[] {
  return Object.entries(activities ?? {}).flatMap(([name, value]) =>
    typeof value === 'function' && name !== COMMIT_STAGE_ACTIVITY ? [name] : [],
  );
}

/** The same options with more activities; a worker that gets none stays one without. */
export function withActivities(
  options: WorkerOptions,
  activities: NonNullable<WorkerOptions['activities']>,
): WorkerOptions {
  if (Object.keys(activities).length === 0) return options;
  return { ...options, activities: { ...options.activities, ...activities } };
}

/** A cancellation reaches a running activity with a heartbeat, so heartbeats must not be held back for long. */
export function withHeartbeatThrottle(options: WorkerOptions, atMostMs: number): WorkerOptions {
  return {
    ...options,
    maxHeartbeatThrottleInterval: lowerMs(options.maxHeartbeatThrottleInterval as Interval, atMostMs),
    defaultHeartbeatThrottleInterval: lowerMs(options.defaultHeartbeatThrottleInterval as Interval, atMostMs),
  };
}

/** Whether results of an activity type may be wrapped: a type of its own (`typeInfo`) describes the bare result. */
export function wrapsResults({ activities }: WorkerOptions): (activityType: string) => boolean {
  const typed = new Set(
    Object.entries(activities ?? {}).flatMap(([name, value]) => {
      const { activityDefinitionOptions } = value as {
        activityDefinitionOptions?: { typeInfo?: { outputType?: unknown } };
      };
      return activityDefinitionOptions?.typeInfo?.outputType === undefined ? [] : [name];
    }),
  );
  return (activityType) => !typed.has(activityType);
}

export function runaheadSinks(
  report: (observations: Observation[]) => void,
  discardStages: (stages: StageReference[]) => void,
): InjectedSinks<RunaheadSinks> {
  return {
    runahead: {
      observe: { fn: (_info, observations) => report(observations), callDuringReplay: false },
      discardStages: { fn: (_info, stages) => discardStages(stages), callDuringReplay: false },
    },
  };
}

function lowerMs(interval: Interval, atMostMs: number): number {
  return interval === undefined ? atMostMs : Math.min(msToNumber(interval), atMostMs);
}
