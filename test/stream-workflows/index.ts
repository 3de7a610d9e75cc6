import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import { STREAM_SIGNAL, type StreamUpdate } from '../../speculation/runtime/protocol';

export interface Heard {
  value: unknown;
  updates: StreamUpdate[];
}

/** Calls one activity, and returns what it said of its output before. */
export async function listen(activityType: string, maximumAttempts = 1): Promise<Heard> {
  const updates: StreamUpdate[] = [];
  setHandler(defineSignal<[StreamUpdate]>(STREAM_SIGNAL), (update) => void updates.push(update));
  const activities = proxyActivities<Record<string, () => Promise<unknown>>>({
    startToCloseTimeout: '20s',
    retry: { initialInterval: '1ms', maximumAttempts },
  });
  const value = await activities[activityType]!().catch((error: unknown) => String(error));
  return { value, updates };
}

/** Ends at the first news. */
export async function leaveEarly(activityType: string): Promise<void> {
  let heard = false;
  setHandler(defineSignal(STREAM_SIGNAL), () => {
    heard = true;
  });
  const activities = proxyActivities<Record<string, () => Promise<unknown>>>({ startToCloseTimeout: '20s' });
  activities[activityType]!().catch(() => undefined);
  await condition(() => heard);
}
