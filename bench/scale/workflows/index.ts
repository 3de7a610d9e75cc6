import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { ScaleActivities } from '../activities';

const { classify, answer } = proxyActivities<ScaleActivities>({ startToCloseTimeout: '60s' });

/** Two calls, the second with what the first has found out: the smallest pipeline that something can be gained with. */
export async function twoCalls(request: string): Promise<string> {
  return answer(await classify(request), request);
}

/**
 * Collects the garbage of the thread that pipelines run in, where V8 shows how; nobody else can ask it to.
 *
 * @returns whether it has
 */
export function collectGarbage(): Promise<boolean> {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  return Promise.resolve(gc !== undefined);
}

const release = defineSignal('release');

/** The same, and then it stays open until it is released. */
export async function openPipeline(request: string): Promise<string> {
  let released = false;
  setHandler(release, () => void (released = true));
  const answered = await answer(await classify(request), request);
  await condition(() => released);
  return answered;
}
