import { ActivityFailure, proxyActivities } from '@temporalio/workflow';

export interface Asking {
  activity: 'think' | 'thinkQuietly' | 'thinkSilently';
  /** Asked one after the other. */
  questions: string[];
  /** Where the activities run. @default where the pipeline runs */
  taskQueue?: string;
  /** @default unbounded */
  maximumAttempts?: number;
  startToCloseMs: number;
  /** @default none */
  heartbeatMs?: number;
}

/** Answers, and `failed` for a question that has none. */
export async function ask(asking: Asking): Promise<string[]> {
  const { activity, questions, taskQueue, maximumAttempts, startToCloseMs, heartbeatMs } = asking;
  const activities = proxyActivities<Record<Asking['activity'], (question: string) => Promise<string>>>({
    startToCloseTimeout: startToCloseMs,
    ...(taskQueue === undefined ? {} : { taskQueue }),
    ...(heartbeatMs === undefined ? {} : { heartbeatTimeout: heartbeatMs }),
    retry: { initialInterval: 50, ...(maximumAttempts === undefined ? {} : { maximumAttempts }) },
  });
  const said: string[] = [];
  for (const question of questions) {
    try {
      said.push(await activities[activity](question));
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      said.push('failed');
    }
  }
  return said;
}
