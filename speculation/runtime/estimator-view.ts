import type { Briefing } from '../forecast/briefing';
import { forecastProbability } from '../estimate/beta-posterior';
import type { Pipeline } from './pipeline';

/** What the `estimator` query answers: for each operation that was looked up, its latest briefing in short. */
export interface OperationEstimate {
  operation: string;
  dependencyType: string;
  medianSeconds: number | null;
  forecasts: { source: string; rank: number; value: unknown; counts: { hits: number; total: number } | null }[];
  /** Posterior of a right forecast along each edge that was observed. */
  edges: { downstream: string; source: string; successes: number; failures: number; probability: number }[];
}

export function estimatorView(pipeline: Pipeline): OperationEstimate[] {
  const latest = new Map<string, Briefing>();
  for (const { activityType, briefing } of pipeline.journal.values()) {
    if (briefing !== null) latest.set(activityType, briefing);
  }
  return [...latest].map(([operation, briefing]) => ({
    operation,
    dependencyType: briefing.prior.type,
    medianSeconds: briefing.latencySeconds[Math.floor(briefing.latencySeconds.length / 2)] ?? null,
    forecasts: briefing.forecasts.map(({ source, rank, value, counts }) => ({
      source,
      rank,
      value,
      counts: counts ?? null,
    })),
    edges: Object.entries(briefing.downstream).flatMap(([downstream, { observed }]) =>
      Object.entries(observed).map(([source, counts]) => ({
        downstream,
        source,
        ...counts,
        probability: forecastProbability(briefing.prior, counts, null).probability,
      })),
    ),
  }));
}
