import { posterior, type Outcomes } from '../estimate/beta-posterior';
import type { ControlState } from '../estimate/control-state';
import type { DownstreamBriefing, PlannedEdge } from '../forecast/briefing';
import { ownEntry } from '../forecast/own-entry';
import { latencyPoints } from './expected-cost';
import type { OperationPolicy } from './operation-policy';
import type { Policy } from './policy-file';

/** A plan is stored in the history of every pipeline. */
const MOST_EDGES = 64;

/** Every edge that was seen and whose operations the policy declares, the one seen most first. */
export function plannedEdges(
  { operations }: Policy,
  state: ControlState,
  briefing: (upstream: string, downstream: OperationPolicy) => DownstreamBriefing,
): PlannedEdge[] {
  return Object.entries(state.edges)
    .flatMap(([edge, forecasts]) => {
      const [upstreamType = '', downstreamType = ''] = edge.split('>');
      const upstream = operations.get(upstreamType);
      const downstream = operations.get(downstreamType);
      return upstream === undefined || downstream === undefined ? [] : [{ upstream, downstream, forecasts }];
    })
    .sort((left, right) => seen(right.forecasts) - seen(left.forecasts))
    .slice(0, MOST_EDGES)
    .flatMap(({ upstream, downstream, forecasts }) => {
      const best = likeliest(upstream, forecasts);
      if (best === null) return [];
      const statistics = ownEntry(state.operations, upstream.activityType);
      return [
        {
          upstream: upstream.activityType,
          downstream: downstream.activityType,
          prior: upstream.prior,
          forecast: best.forecast,
          observed: best.observed,
          upstreamSeconds: latencyPoints(upstream, statistics, state.models),
          briefing: briefing(upstream.activityType, downstream),
        },
      ];
    });
}

function likeliest(
  { prior }: OperationPolicy,
  forecasts: Record<string, Outcomes>,
): { forecast: string; observed: Outcomes } | null {
  let best: { forecast: string; observed: Outcomes; mean: number } | null = null;
  for (const [forecast, observed] of Object.entries(forecasts)) {
    const { mean } = posterior(prior, observed);
    if (best === null || mean > best.mean) best = { forecast, observed, mean };
  }
  return best;
}

function seen(forecasts: Record<string, Outcomes>): number {
  return Object.values(forecasts).reduce((sum, { successes, failures }) => sum + successes + failures, 0);
}
