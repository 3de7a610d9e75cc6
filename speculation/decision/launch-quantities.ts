import type { LaunchQuantities, LaunchSurroundings } from '../policies/launch-policy';
import type { DecisionInputs } from './decision';

/** For a launch of which no more is recorded. */
export const UNKNOWN_SURROUNDINGS: Readonly<LaunchSurroundings> = {
  upstreamSeconds: 0,
  upstreamRemainingSeconds: 0,
  downstreamSeconds: 0,
  chainSeconds: 0,
  chainUsd: 0,
  unlockSeconds: 0,
};

type Valued = Pick<
  LaunchQuantities,
  'P' | 'speculativeCostUsd' | 'latencyValueUsd' | 'expectedValueUsd' | 'thresholdUsd'
>;

type Described = Pick<
  DecisionInputs,
  | 'supports'
  | 'siblings'
  | 'knob'
  | 'depth'
  | 'openLaunches'
  | 'maxOpenLaunches'
  | 'latencySavedSeconds'
  | 'surroundings'
  | 'right'
>;

/** What a policy is shown of a decision: all of it can be read off the decision's row. */
export function launchQuantities(inputs: Described, valued: Valued): LaunchQuantities {
  const newest = inputs.supports.at(-1)?.at(-1);
  return {
    P: valued.P,
    speculativeCostUsd: valued.speculativeCostUsd,
    latencyValueUsd: valued.latencyValueUsd,
    expectedValueUsd: valued.expectedValueUsd,
    thresholdUsd: valued.thresholdUsd,
    knob: inputs.knob,
    source: newest?.source ?? 'function',
    rank: newest?.rank ?? 0,
    supports: inputs.supports,
    forecastProbability: newest?.probability ?? 0,
    statedConfidence: newest?.confidence ?? null,
    counts: newest?.counts ?? null,
    depth: inputs.depth,
    siblings: inputs.siblings ?? [],
    openLaunches: inputs.openLaunches,
    maxOpenLaunches: inputs.maxOpenLaunches,
    latencySavedSeconds: inputs.latencySavedSeconds,
    surroundings: inputs.surroundings ?? UNKNOWN_SURROUNDINGS,
    right: inputs.right ?? null,
  };
}
