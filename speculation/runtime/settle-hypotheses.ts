import { workflowInfo } from '@temporalio/workflow';
import type { EdgeObservation } from '../estimate/observation';
import { discardDraft } from './draft';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';

/**
 * The real output is known: every forecast of it was right or wrong. Fibers on a wrong one are dead; fibers on the right one have
 * been caught up with. Runs before the authoritative run goes on, so that nothing is cancelled that it may claim now.
 */
export function settleHypotheses(pipeline: Pipeline, operation: Operation): void {
  discardDraft(pipeline, operation);
  if (operation.hypotheses.length === 0) return;
  const observations: EdgeObservation[] = [];
  for (const hypothesis of operation.hypotheses) {
    if (hypothesis.state !== 'open') continue;
    const success = hypothesis.settle();
    // Without a real output there is nothing that the forecast could be compared with.
    if (operation.outcome.state === 'rejected') continue;
    for (const downstream of hypothesis.askedFor) {
      observations.push({
        kind: 'edge',
        id: `${workflowInfo().runId}/edge/${pipeline.nextObservation()}`,
        pipeline: pipeline.type,
        upstream: operation.activityType,
        downstream,
        source: hypothesis.forecast.source,
        rank: hypothesis.forecast.rank,
        success,
      });
    }
  }
  for (const fiber of pipeline.fibers) {
    if (fiber.hypotheses.at(-1)?.state === 'confirmed') fiber.end();
  }
  pipeline.dirty = true;
  pipeline.observe(...observations);
}
