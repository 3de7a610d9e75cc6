import type { EffectClass, Disclosure } from '../decision/admissibility';
import type { Knob } from '../decision/knob';
import type { TokenCounts, TokenRates } from '../decision/tokens';
import type { DependencyPrior } from '../estimate/dependency-type';
import type { Forecast } from './forecast';

/**
 * Everything a pipeline needs to know about an operation it has just asked for, looked up in the worker's memory by one
 * local activity and recorded in history. All values that may change between versions (policy, prices, posteriors, knobs)
 * reach the workflow this way and no other, so a replay sees what the first run saw.
 */
export interface Briefing {
  /** Guesses at this operation's output, best first. */
  forecasts: Forecast[];
  /** An activity that can guess it for money, if the policy declares one. */
  draft: DraftBriefing | null;
  /** How likely a forecast of this operation's output is right before anything was observed. */
  prior: DependencyPrior;
  /** Duration of this operation: equally likely points, in seconds, ascending. Empty when nothing is known. */
  latencySeconds: number[];
  /** Operations that may follow, by activity type. What is not listed is never launched early. */
  downstream: Record<string, DownstreamBriefing>;
  /** The knob in force for this pipeline according to the control plane. */
  knob: Knob;
  policyVersion: string;
  priceVersion: string;
}

export interface DraftBriefing {
  /** Activity type that is called with the operation's own arguments and returns a guess at its output. */
  activityType: string;
  expectedCostUsd: number;
  latencySeconds: number[];
}

export interface DownstreamBriefing {
  effect: EffectClass;
  disclosure: Disclosure;
  /** Whether an `idempotent` operation may also be abandoned without an undo. */
  abandonSafe: boolean;
  /** Duration of the downstream operation: equally likely points, seconds, ascending. */
  latencySeconds: number[];
  cost: CostBriefing;
  /** Observed forecasts of the upstream operation that led here, by `source#rank`. */
  observed: Record<string, { successes: number; failures: number }>;
}

export type CostBriefing =
  { kind: 'tokens'; model: string; expected: TokenCounts; rates: TokenRates } | { kind: 'fixed'; usd: number };
