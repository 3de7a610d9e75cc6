import type { EdgeObservation } from '../estimate/observation';
import { discardDraft } from './draft';
import { edgeObservations, putsOff } from './edge-observations';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';

/**
 * The real output is known: every forecast of it was right or wrong. Fibers on a wrong one are dead; fibers on the right one have
 * been caught up with. Runs before the authoritative run goes on, so that nothing is cancelled that it may claim now.
 */
export function settleHypotheses(pipeline: Pipeline, operation: Operation): void {
  discardDraft(pipeline, operation);
  if (operation.stream !== null) pipeline.streaming.delete(operation.stream.activityId);
  if (operation.hypotheses.length === 0) return;
  const observations: EdgeObservation[] = [];
  for (const hypothesis of operation.hypotheses) {
    if (hypothesis.state !== 'open' && hypothesis.state !== 'withdrawn') continue;
    const right = hypothesis.settle();
    // Without a real output there is nothing that the forecast could be compared with.
    if (operation.outcome.state === 'rejected') continue;
    if (!right && putsOff(pipeline, hypothesis)) continue;
    observations.push(...edgeObservations(pipeline, hypothesis));
  }
  for (const fiber of pipeline.fibers) {
    if (fiber.hypotheses.at(-1)?.state === 'confirmed') fiber.end();
  }
  pipeline.dirty = true;
  pipeline.reconsider = true;
  pipeline.books.observe(...observations);
}
