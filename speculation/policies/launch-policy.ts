import type { Knob } from '../decision/knob';

/** What a policy may look at. US dollars; P is the probability that the launch is used. */
export interface LaunchQuantities {
  P: number;
  speculativeCostUsd: number;
  latencyValueUsd: number;
  expectedValueUsd: number;
  thresholdUsd: number;
  knob: Knob;
}

/**
 * Says which launches are worth their price. Whether a launch is admissible, fits the budget and finds a free place is not up
 * to the policy: that always applies.
 */
export interface LaunchPolicy {
  readonly name: string;
  wants(quantities: LaunchQuantities): boolean;
}
