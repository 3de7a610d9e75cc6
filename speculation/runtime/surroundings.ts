import type { LaunchSurroundings } from '../policies/launch-policy';
import type { DownstreamBriefing } from '../forecast/briefing';
import { speculativeCostUsd } from '../decision/speculative-cost';
import type { Fiber } from './fiber';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';

/**
 * What a candidate launch is part of, as far as the pipeline knows.
 *
 * @param remaining of what the launch waits for: equally likely points, seconds
 */
export function surroundingsOf(
  pipeline: Pipeline,
  fiber: Fiber | undefined,
  upstream: Operation,
  activityType: string,
  downstream: DownstreamBriefing | undefined,
  remaining: readonly number[],
): LaunchSurroundings {
  const downstreamSeconds = mean(downstream?.latencySeconds ?? []);
  const before = [...pipeline.launches.values()].filter(
    (launch) => fiber !== undefined && !launch.claimed && launch.askers.has(fiber),
  );
  return {
    upstreamSeconds: mean(upstream.briefing?.latencySeconds ?? []),
    upstreamRemainingSeconds: mean(remaining),
    downstreamSeconds,
    chainSeconds: before
      .filter((launch) => fiber?.hypotheses.some(({ operation }) => operation === launch) !== true)
      .reduce((sum, { decision }) => sum + (decision.surroundings?.downstreamSeconds ?? 0), downstreamSeconds),
    chainUsd: before.reduce(
      (sum, { decision }) => sum + decision.speculativeCostUsd,
      downstream === undefined ? 0 : speculativeCostUsd(downstream.cost),
    ),
    unlockSeconds: unlockedBy(pipeline, activityType),
  };
}

/** By the plan: what the calls that usually follow would save in their turn. */
function unlockedBy(pipeline: Pipeline, activityType: string): number {
  let seconds = 0;
  for (const [edge, { P, latencyValueUsd, knob }] of pipeline.plan) {
    if (!edge.startsWith(`${activityType}>`) || knob.lambdaUsdPerSecond === 0) continue;
    seconds += (P * latencyValueUsd) / knob.lambdaUsdPerSecond;
  }
  return seconds;
}

function mean(points: readonly number[]): number {
  return points.length === 0 ? 0 : points.reduce((sum, point) => sum + point, 0) / points.length;
}
