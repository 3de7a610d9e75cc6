import { decide } from '../decision/decision';
import { forecastProbability } from '../estimate/beta-posterior';
import { expectedOverlapSeconds } from '../estimate/overlap';
import type { Briefing, PlannedEdge } from '../forecast/briefing';
import type { ForecastSource } from '../forecast/forecast';
import { declaredOf } from './decision-inputs';
import { edgeKey } from './edge-key';
import type { Pipeline } from './pipeline';

/**
 * First phase: the rule for every edge that is known when the pipeline starts, from what was known then. The second phase is the same
 * rule when a fiber asks for the call; its row says how it compares. PROPOSED, ours: the paper names two phases and no more.
 */
export function recordPlan(pipeline: Pipeline, briefing: Briefing): void {
  if (pipeline.plan.size > 0) return;
  for (const edge of briefing.plan ?? []) {
    const row = decide({ ...planInputs(pipeline, briefing, edge), id: pipeline.nextDecision() });
    pipeline.books.decisions.log(row);
    const { id, decision, reason, P, speculativeCostUsd, latencyValueUsd, knob } = row;
    pipeline.plan.set(edgeKey(edge.upstream, edge.downstream), {
      id,
      decision,
      reason,
      P,
      speculativeCostUsd,
      latencyValueUsd,
      knob,
    });
  }
}

function planInputs(pipeline: Pipeline, briefing: Briefing, edge: PlannedEdge): Parameters<typeof decide>[0] {
  const { upstream, downstream, prior, forecast, observed, upstreamSeconds, briefing: followed } = edge;
  const [source = '', rank = '0'] = forecast.split('#');
  const { limits } = pipeline.settings ?? {};
  return {
    id: 0,
    atMs: pipeline.nowMs,
    pipeline: pipeline.type,
    upstream,
    downstream,
    dependencyType: prior.type,
    k: prior.k,
    phase: 'plan',
    maxDepth: limits?.maxDepth ?? 0,
    depth: 1,
    supports: [
      [
        {
          upstream,
          source: source as ForecastSource,
          rank: Number(rank),
          counts: null,
          ...forecastProbability(prior, observed, null),
        },
      ],
    ],
    forecastDigest: '',
    declared: declaredOf(followed),
    knob: pipeline.knob,
    cost: followed.cost,
    mostUsd: followed.mostUsd,
    latencySavedSeconds: expectedOverlapSeconds(upstreamSeconds, followed.latencySeconds),
    openLaunches: 0,
    maxOpenLaunches: limits?.maxOpenLaunches ?? 0,
    ...pipeline.books.spending(),
    sharedBudget: briefing.sharedBudget,
    calibration: followed.calibration,
    policyName: pipeline.policyName,
    policyVersion: briefing.policyVersion,
    priceVersion: briefing.priceVersion,
  };
}
