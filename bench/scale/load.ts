import { randomUUID } from 'node:crypto';
import { answerTo, requestNumber, routeOf } from './activities';
import type { VariantStage } from './scale-stage';

/** Pipelines of one variant, so many at a time: as soon as one ends the next begins, until the time is up. */
export interface Batch {
  pipelines: number;
  /** From the start of the first to the end of the last. */
  seconds: number;
  /** From the start of each to its result, as its client sees it. */
  latencySeconds: number[];
  /** Launches that were made, and those that the pipelines claimed. */
  launches: number;
  claimed: number;
  /** Results that were not what they should be. */
  wrong: number;
}

/** How much is asked of the workers. */
export interface Load {
  /** For so long pipelines are begun; those that have been are waited for. */
  seconds: number;
  /** Pipelines at the same time. */
  atOnce: number;
}

export async function runBatch(stage: VariantStage, { seconds: lasting, atOnce }: Load): Promise<Batch> {
  const { client, workers } = stage;
  const before = await workers.read();
  const latencySeconds: number[] = [];
  let wrong = 0;
  let pipelines = 0;
  const isOver = (): boolean => performance.now() - beganAt >= lasting * 1000;
  const lane = async (): Promise<void> => {
    do {
      const request = requestNumber((pipelines += 1));
      const startedAt = performance.now();
      const result: unknown = await client.workflow.execute('twoCalls', {
        taskQueue: workers.taskQueue,
        workflowId: `scale-${randomUUID()}`,
        args: [request],
      });
      latencySeconds.push((performance.now() - startedAt) / 1000);
      if (result !== answerTo(routeOf(request))) wrong += 1;
    } while (!isOver());
  };
  const beganAt = performance.now();
  await Promise.all(Array.from({ length: atOnce }, lane));
  const seconds = (performance.now() - beganAt) / 1000;
  const after = await workers.read();
  const launches = after.launches - before.launches;
  // Every pipeline has one answer, so what was answered beside a launch was a call of the pipeline itself.
  const ownCalls = after.answers - before.answers - launches;
  return { pipelines, seconds, latencySeconds, launches, claimed: Math.max(0, pipelines - ownCalls), wrong };
}
