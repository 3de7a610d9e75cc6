import { workflowInfo } from '@temporalio/workflow';
import type { EdgeObservation } from '../estimate/observation';
import type { Hypothesis } from './hypothesis';
import type { Pipeline } from './pipeline';

/**
 * What the outcome of a forecast teaches about the edges along which it was used. It counts as a success where a launch on it can be
 * claimed: where it was exactly right, and where it was equivalent on edges that accept that.
 */
export function edgeObservations(pipeline: Pipeline, hypothesis: Hypothesis): EdgeObservation[] {
  const { operation, forecast, state } = hypothesis;
  const halfLife = operation.briefing?.prior.halfLife;
  return [...hypothesis.askedFor].map(([downstream, predicted]) => {
    const equivalent = hypothesis.equivalent && hypothesis.acceptedBy(downstream);
    return {
      kind: 'edge',
      id: `${workflowInfo().runId}/edge/${pipeline.books.nextObservation()}`,
      pipeline: pipeline.type,
      upstream: operation.activityType,
      downstream,
      source: forecast.source,
      rank: forecast.rank,
      success: state === 'confirmed' || equivalent,
      ...(equivalent ? { tier: 2 } : {}),
      ...(pipeline.tenant === undefined ? {} : { bucket: pipeline.tenant }),
      ...(halfLife === undefined ? {} : { halfLife }),
      ...(predicted === null ? {} : { predicted }),
    };
  });
}

/** Whether a forecast that was not exactly right may yet be found equivalent: then it is too early to say what it teaches. */
export function putsOff(pipeline: Pipeline, hypothesis: Hypothesis): boolean {
  const awaited = [...pipeline.launches.values()].some(
    (launch) =>
      launch.claimable &&
      hypothesis.comparableFor(launch.activityType) &&
      launch.worlds.some((world) => world.includes(hypothesis)),
  );
  if (awaited) pipeline.equivalence.putOff.add(hypothesis);
  return awaited;
}

/** Reports what was put off and is clear now: it was compared, or the authoritative run did not ask for what was launched. */
export function reportPutOff(pipeline: Pipeline): void {
  const { putOff } = pipeline.equivalence;
  for (const hypothesis of putOff) {
    if (hypothesis.judgement === 'pending' && !pipeline.stopped) continue;
    putOff.delete(hypothesis);
    pipeline.books.observe(...edgeObservations(pipeline, hypothesis));
  }
}
