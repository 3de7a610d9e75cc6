import { reportPutOff } from './edge-observations';
import { forgetConditions } from './isolation';
import type { Launch } from './launch';
import type { Pipeline } from './pipeline';
import { discardStage } from './stage';

/** Gives up every launch that nobody has claimed and that no open hypothesis can make wanted again. */
export function discardOrphans(pipeline: Pipeline): void {
  for (const launch of pipeline.launches.values()) {
    if (!launch.orphaned || pipeline.equivalence.spares(launch)) continue;
    if (pipeline.commitsUnderWay > 0 && launch.inReach) continue;
    discard(pipeline, launch);
  }
  reportPutOff(pipeline);
}

/** Books a finished launch as waste, or cancels a running one through Temporal and books what it really consumed. */
export function discard(pipeline: Pipeline, launch: Launch): void {
  launch.discarded = true;
  // The same call may become worth a launch again, on a better guess.
  pipeline.launches.delete(launch.identity);
  if (launch.state === 'done') {
    launch.state = 'cancelled';
    discardStage(launch.stage);
    pipeline.books.settle(launch.activityId, 'cancelled', []);
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
  for (const [identity, fibers] of pipeline.asked) {
    if (!fibers.some((fiber) => fiber.live)) pipeline.asked.delete(identity);
  }
}
