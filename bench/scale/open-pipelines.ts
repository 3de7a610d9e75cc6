import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { requestNumber } from './activities';
import type { VariantStage } from './scale-stage';
import type { WorkerReading } from './scale-worker';
import type { Variant } from './variants';

/** What the workers of a variant took with so many open pipelines. */
export interface MemoryReading extends WorkerReading {
  variant: Variant;
  /** Pipelines that wait for their signal. */
  open: number;
}

export interface OpenPipelines {
  readings: MemoryReading[];
  /** For each variant. */
  open: number;
  /** Ends all of them at once. */
  end: () => Promise<void>;
}

/** Pipelines that were begun do not get as far as they should. */
export class OpenPipelinesError extends Error {
  override readonly name = 'OpenPipelinesError';
  readonly code = 'OPEN_PIPELINES_STUCK';
}

const AT_ONCE = 25;
const ANSWER_PATIENCE_MS = 60_000;
const END_PATIENCE_MS = 120_000;
const RUNAHEAD_ID = 'scale-open';

/**
 * Opens pipelines of all variants step by step, each step of every variant before the next step, and reads the memory of their workers when
 * all of a step have made their calls and wait.
 *
 * @param steps how many are open after each step, ascending
 * @param isOver asked before each step: whether there is no time for another one
 */
export async function openPipelines(
  stages: readonly VariantStage[],
  steps: readonly number[],
  isOver: () => boolean,
  say: (line: string) => void,
): Promise<OpenPipelines> {
  const tag = `${RUNAHEAD_ID}-${randomUUID()}`;
  const readings: MemoryReading[] = [];
  const answeredBefore = new Map<Variant, number>();
  for (const stage of stages) {
    const { variant } = stage;
    const reading = await readTidy(stage);
    answeredBefore.set(variant, reading.answered);
    readings.push({ variant, open: 0, ...reading });
  }
  let open = 0;
  for (const step of steps) {
    if (open > 0 && isOver()) break;
    for (const stage of stages) {
      await startMany(stage, tag, open, step);
      await untilAnswered(stage, (answeredBefore.get(stage.variant) ?? 0) + step);
      readings.push({ variant: stage.variant, open: step, ...(await readTidy(stage)) });
    }
    open = step;
    say(`${open} pipelines open for each variant`);
  }
  return { readings, open, end: () => endAll(stages, tag) };
}

async function readTidy({ client, workers }: VariantStage): Promise<WorkerReading> {
  const workflowId = `scale-${randomUUID()}`;
  await client.workflow.execute('collectGarbage', { taskQueue: workers.taskQueue, workflowId });
  return workers.read();
}

async function startMany(
  { client, workers, variant }: VariantStage,
  tag: string,
  from: number,
  to: number,
): Promise<void> {
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < to) {
      const index = (next += 1);
      await client.workflow.start('openPipeline', {
        taskQueue: workers.taskQueue,
        workflowId: `${tag}-${variant}-${index}`,
        args: [requestNumber(index)],
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** @throws OpenPipelinesError when no more of them answer */
async function untilAnswered({ workers, variant }: VariantStage, answers: number): Promise<void> {
  let { answered } = await workers.read();
  let deadline = Date.now() + ANSWER_PATIENCE_MS;
  while (answered < answers) {
    await pause(50);
    const now = (await workers.read()).answered;
    if (now > answered) deadline = Date.now() + ANSWER_PATIENCE_MS;
    else if (Date.now() > deadline) {
      throw new OpenPipelinesError(`${answers - now} pipelines of "${variant}" were begun and do not make their calls`);
    }
    answered = now;
  }
}

/** Asks the server to end them all, and waits until none is left. */
async function endAll(stages: readonly VariantStage[], tag: string): Promise<void> {
  const [first] = stages;
  if (first === undefined) return;
  const { client } = first;
  const { namespace } = client.options;
  const query = `WorkflowId STARTS_WITH "${tag}" AND ExecutionStatus = "Running"`;
  await client.workflowService.startBatchOperation({
    namespace,
    visibilityQuery: query,
    jobId: tag,
    reason: 'the measurement is over',
    terminationOperation: { identity: 'runahead bench scale' },
  });
  const deadline = Date.now() + END_PATIENCE_MS;
  while ((await client.workflow.count(query)).count > 0 && Date.now() < deadline) await pause(200);
}
