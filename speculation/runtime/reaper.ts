import { condition } from '@temporalio/workflow';
import { forgetConditions } from './isolation';
import type { Launch } from './launch';
import type { Pipeline } from './pipeline';
import { rollUp } from './roll-up';
import { nextRound } from './rounds';

/** In the background of a pipeline: after every step, cancels what nobody can want any more and writes the totals. */
export async function reapOrphans(pipeline: Pipeline): Promise<void> {
  for (;;) {
    await condition(() => pipeline.dirty || pipeline.stopped);
    if (pipeline.stopped) return;
    await quiescence(pipeline);
    pipeline.dirty = false;
    for (const launch of pipeline.launches.values()) {
      if (launch.orphaned) discard(pipeline, launch);
    }
    buryFibers(pipeline);
    rollUp(pipeline);
  }
}

/** Books a finished launch as waste, or cancels a running one through Temporal and books what it really consumed. */
export function discard(pipeline: Pipeline, launch: Launch): void {
  launch.discarded = true;
  if (launch.state === 'done') {
    launch.state = 'cancelled';
    pipeline.settle(launch.activityId, 'cancelled', []);
  } else {
    launch.scope.cancel();
  }
}

export function buryFibers(pipeline: Pipeline): void {
  for (const fiber of pipeline.fibers) {
    if (fiber.live) continue;
    forgetConditions(fiber);
    pipeline.fibers.delete(fiber);
  }
}

/**
 * Waits until the authoritative run has gone as far as this activation lets it, so that everything that it would claim has been
 * claimed: a round without a new call means that it has come to rest.
 */
async function quiescence(pipeline: Pipeline): Promise<void> {
  let seen: number;
  do {
    seen = pipeline.progress;
    await nextRound();
  } while (seen !== pipeline.progress);
}
