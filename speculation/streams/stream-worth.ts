import { decide } from '../decision/decision';
import type { ControlState } from '../estimate/control-state';
import { effectiveKnob } from '../estimate/control-state';
import { expectedOverlapSeconds } from '../estimate/overlap';
import { ownEntry } from '../forecast/own-entry';
import { edgeBriefing, type Asker } from '../plugin/edge-briefing';
import { costBriefing, latencyPoints, mostUsd } from '../plugin/expected-cost';
import type { OperationPolicy } from '../plugin/operation-policy';
import type { Policy } from '../plugin/policy-file';

/**
 * Whether anything that a pipeline learned from this operation's stream could make it launch something: whether the rule, as far as the
 * worker knows its inputs, would launch along at least one edge if the forecast were certain (P = 1). Where it would not, a stream costs
 * events in history and saves nothing. Edges are those that were seen to begin here; as long as none was, any declared operation may follow.
 */
export function isStreamWorthIt(
  { policy, state, pipeline }: { policy: Policy; state: ControlState; pipeline: string },
  upstream: OperationPolicy,
  asker: Asker,
): boolean {
  if (policy.disabledPipelines.has(pipeline)) return false;
  const knob = effectiveKnob(state, pipeline);
  const upstreamSeconds = secondsOf(upstream, state);
  return operationsAfter(upstream.activityType, policy, state).some((downstream) => {
    const statistics = ownEntry(state.operations, downstream.activityType);
    const edge = `${upstream.activityType}>${downstream.activityType}`;
    const { decision } = decide({
      id: 0,
      atMs: 0,
      pipeline,
      upstream: upstream.activityType,
      downstream: downstream.activityType,
      dependencyType: upstream.prior.type,
      k: upstream.prior.k,
      phase: 'launch',
      maxDepth: policy.limits.maxDepth,
      depth: 1,
      supports: [[{ ...CERTAIN, upstream: upstream.activityType }]],
      forecastDigest: '',
      declared: downstream,
      knob,
      cost: costBriefing(downstream, statistics, policy.prices),
      mostUsd: mostUsd(downstream, statistics, policy.prices),
      latencySavedSeconds: expectedOverlapSeconds(upstreamSeconds, secondsOf(downstream, state)),
      openLaunches: 0,
      maxOpenLaunches: policy.limits.maxOpenLaunches,
      spentUsd: '0',
      reservedUsd: '0',
      calibration: edgeBriefing(edge, state, asker).calibration,
      policyName: policy.launchPolicy,
      policyVersion: policy.version,
      priceVersion: policy.prices.version,
    });
    return decision === 'launch';
  });
}

const CERTAIN = { source: 'stream', rank: 0, a: 1, b: 0, counts: null, probability: 1 } as const;

function secondsOf(operation: OperationPolicy, state: ControlState): number[] {
  return latencyPoints(operation, ownEntry(state.operations, operation.activityType), state.models);
}

function operationsAfter(upstream: string, { operations }: Policy, { edges }: ControlState): OperationPolicy[] {
  const seen = Object.keys(edges).filter((edge) => edge.startsWith(`${upstream}>`));
  if (seen.length === 0) return [...operations.values()];
  return seen.flatMap((edge) => operations.get(edge.slice(upstream.length + 1)) ?? []);
}
