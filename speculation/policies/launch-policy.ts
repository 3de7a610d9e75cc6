import type { Knob } from '../decision/knob';
import type { ForecastSource } from '../forecast/forecast';

/** What a policy may look at: one candidate launch, and what surrounds it. Money is US dollars, time seconds. */
export interface LaunchQuantities {
  /** Probability that the launch is used. */
  P: number;
  speculativeCostUsd: number;
  latencyValueUsd: number;
  expectedValueUsd: number;
  thresholdUsd: number;
  knob: Knob;
  /** The forecast that it rests on most directly: where it comes from, and its place among those of that source from 0. */
  source: ForecastSource;
  rank: number;
  /** Everything that it rests on: one list of forecasts for each world in which it is wanted. */
  supports: readonly (readonly { source: ForecastSource }[])[];
  /** How likely that forecast is right by itself. */
  forecastProbability: number;
  /** How sure the source itself is of it, 0 to 1; null where it does not say. */
  statedConfidence: number | null;
  /** How often the source had counted it in this context; null where it does not count. */
  counts: { hits: number; total: number } | null;
  /** Launches that it builds on, plus one. */
  depth: number;
  /** P of each open launch along the same edge on another forecast of the same output. */
  siblings: readonly number[];
  openLaunches: number;
  maxOpenLaunches: number;
  latencySavedSeconds: number;
  /** What is not known is 0. */
  surroundings: LaunchSurroundings;
  /** Whether the forecast is right, for an oracle: known only where recorded runs are replayed. */
  right: boolean | null;
}

/** What a launch is part of. Recorded with its decision. */
export interface LaunchSurroundings {
  /** Expected duration of the operation whose output is forecast, and what of it remains. */
  upstreamSeconds: number;
  upstreamRemainingSeconds: number;
  /** Expected duration of the launch. */
  downstreamSeconds: number;
  /** Expected durations of the unclaimed launches whose outputs it waits for, its own included. */
  chainSeconds: number;
  /** Expected prices of all unclaimed launches that it builds on, its own included. */
  chainUsd: number;
  /** Expected duration of what usually follows the launch and could start early in its turn, weighted by how likely it does. */
  unlockSeconds: number;
}

/**
 * Says which launches are worth their price. Whether a launch is admissible, fits the budget and finds a free place is not up
 * to the policy: that always applies.
 */
export interface LaunchPolicy {
  /** With its parameters, such as `speculative-actions:k=2`; `launchPolicy` gives the same policy for it. */
  readonly name: string;
  wants(quantities: LaunchQuantities): boolean;
  /** When places or budget are short, the greatest goes first. @default expected value for each dollar at stake */
  priority?(quantities: LaunchQuantities): number;
  /** Whether a draft is asked for: when its answer can be expected to be worth its price, always or never. @default worth-it */
  readonly drafts?: 'worth-it' | 'always' | 'never';
  /** How many copies of each call of a forecastable operation run side by side, the first answer counting. @default 1 */
  readonly copies?: number;
}

/** A parameter of a family of policies. */
export interface PolicyParameter {
  readonly default: number;
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
  readonly meaning: string;
}

/** Policies that differ in their parameters only. */
export interface PolicyFamily {
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** The publication or project that it comes from. */
  readonly source: string;
  readonly parameters: Readonly<Record<string, PolicyParameter>>;
  /** @param name as it is to be shown, with the parameters that were given */
  with(name: string, parameters: Readonly<Record<string, number>>): LaunchPolicy;
}
