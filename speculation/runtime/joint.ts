import { runAhead } from './fork';
import type { Pipeline } from './pipeline';
import { nextRound } from './rounds';

/** Lets fibers that have begun to wait for an operation go on with what is assumed about it already. Part of the engine. */
export async function followAwaited(pipeline: Pipeline): Promise<void> {
  const awaited = [...pipeline.awaited];
  pipeline.awaited.clear();
  let running = false;
  for (const operation of awaited) {
    for (const hypothesis of operation.hypotheses) {
      if (hypothesis.state !== 'open' || !pipeline.mayFork(operation)) continue;
      if (running) await nextRound();
      running = runAhead(pipeline, operation, hypothesis);
    }
  }
}
