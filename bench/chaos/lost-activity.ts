import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { persistently } from './persistently';
import { resetRun } from './reset-run';

/** Far beyond every timeout and every retry interval of the pipelines: by then the server should have started it again, or ended it. */
const OVERDUE_MS = 20_000;
const POLL_MS = 5_000;

/**
 * A Temporal server that is killed in the moment of a reset can lose an activity that was pending at the reset point: it is neither started
 * nor timed out, ever, with or without the plugin. What an operator does about it is another reset, and so does this. It acts only where
 * the server itself says that an activity is overdue, so that a pipeline which hangs by its own fault still fails.
 */
export function freeWhenStuck(client: Client, workflowId: string): { resets: () => number; stop: () => number } {
  const ended = new AbortController();
  let resets = 0;
  const watch = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await pause(POLL_MS, undefined, { signal: ended.signal });
      if (!(await hasLostActivity(client, workflowId))) continue;
      resets += 1;
      await resetRun(client, workflowId, (finished) => finished.at(-1));
    }
  };
  // It ends by being stopped, and what it cannot do shows in the outcome of the run.
  void watch().catch(() => undefined);
  return {
    resets: () => resets,
    stop: () => {
      ended.abort();
      return resets;
    },
  };
}

async function hasLostActivity(client: Client, workflowId: string): Promise<boolean> {
  const { status, raw } = await persistently(() => client.workflow.getHandle(workflowId).describe());
  if (status.name !== 'RUNNING') return false;
  return (raw.pendingActivities ?? []).some(({ scheduledTime, lastStartedTime, lastHeartbeatTime }) => {
    const latest = [scheduledTime, lastStartedTime, lastHeartbeatTime].map((time) => Number(time?.seconds ?? 0) * 1000);
    return Math.max(...latest) < Date.now() - OVERDUE_MS;
  });
}
