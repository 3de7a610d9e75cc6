import { reportPutOff } from './edge-observations';
import { abandonEquivalence } from './equivalence';
import type { Pipeline } from './pipeline';
import { buryFibers, discard } from './reaper';

/**
 * The authoritative run is over, or was cancelled: nothing is launched any more and what nobody claimed is cancelled. The result
 * is not held up for it; bills that are still open then go to the control workflow.
 */
export function stopSpeculating(pipeline: Pipeline): void {
  if (pipeline.stopped) return;
  pipeline.stopped = true;
  abandonEquivalence(pipeline);
  reportPutOff(pipeline);
  for (const launch of pipeline.launches.values()) if (launch.claimable) discard(pipeline, launch);
  for (const { scope } of pipeline.drafts.values()) scope.cancel();
  for (const fiber of pipeline.fibers) fiber.end();
  buryFibers(pipeline);
}

/** Closes the books on what still runs: its worker reports the bill, and the control workflow books it as late. */
export function leaveUnresolved(pipeline: Pipeline): void {
  const open = pipeline.books.ledger.report().entries.filter((entry) => !entry.settled);
  pipeline.books.leave(open.map((entry) => entry.id));
  pipeline.books.closed = true;
}
