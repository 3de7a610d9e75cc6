import type { EffectClass, Disclosure } from '../decision/admissibility';
import type { Knob } from '../decision/knob';
import type { TokenCounts, TokenRates } from '../decision/tokens';
import type { CalibrationStage } from '../estimate/calibration-stage';
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
  /** Every edge that is known, as far as plans go; only in the first answer that a pipeline gets. @default no plan */
  plan?: PlannedEdge[];
  /** What is left of the budgets that this pipeline shares with others. @default none is in force */
  sharedBudget?: SharedBudgetBriefing;
  /** How outputs of this operation are compared where an edge accepts equivalent ones. @default exact match only */
  equivalence?: 'function' | 'embedding';
  /** Most that one comparison can cost, US dollars: what is reserved. @default it is free */
  equivalenceMostUsd?: number;
}

/** What the plan of a pipeline needs to know about one edge; the rest comes with the knob. */
export interface PlannedEdge {
  upstream: string;
  downstream: string;
  prior: DependencyPrior;
  /** Forecast that is most likely right, `source#rank`, and how often it was. */
  forecast: string;
  observed: { successes: number; failures: number };
  upstreamSeconds: number[];
  briefing: DownstreamBriefing;
}

export interface SharedBudgetBriefing {
  /** The tightest one, such as `tenant acme`. */
  scope: string;
  /** US dollars left today, as a decimal string; null is unbounded. */
  leftUsd: string | null;
  /** Launches that may still start at the same time; null is unbounded. */
  leftLaunches: number | null;
}

export interface DraftBriefing {
  /** Activity type that is called with the operation's own arguments and returns a guess at its output. */
  activityType: string;
  expectedCostUsd: number;
  /** Most that it can cost, US dollars: what is reserved. @default the expected cost */
  mostUsd?: number;
  latencySeconds: number[];
  /** It returns a list of guesses (`DraftGuess`), best first, instead of one output. @default false */
  several?: true;
}

export interface DownstreamBriefing {
  effect: EffectClass;
  disclosure: Disclosure;
  /** Whether an `idempotent` operation may also be abandoned without an undo. */
  abandonSafe: boolean;
  /** A `staged` operation has a stage: it can be prepared early and committed when it is claimed. @default false */
  barrier?: true;
  /** The effect class is only what a tool says of itself, and its owner has not said that this can be trusted. @default false */
  hinted?: true;
  /** Duration of the downstream operation: equally likely points, seconds, ascending. */
  latencySeconds: number[];
  cost: CostBriefing;
  /** Observed forecasts of the upstream operation that led here, by `source#rank`. */
  observed: Record<string, { successes: number; failures: number }>;
  /** The same within the pipeline's own bucket, such as its tenant. @default no bucket, or nothing was seen in it */
  bucketObserved?: Record<string, { successes: number; failures: number }>;
  /** Most that a call can cost, US dollars: what is reserved. @default the expected cost */
  mostUsd?: number;
  /** Where the edge stands, and whether this very pipeline may launch along it. @default online, and it may */
  calibration?: { stage: CalibrationStage; launches: boolean };
  /** The edge lets a launch be claimed whose forecast was equivalent to the real output, not equal. @default false */
  acceptsEquivalent?: boolean;
}

export type CostBriefing =
  { kind: 'tokens'; model: string; expected: TokenCounts; rates: TokenRates } | { kind: 'fixed'; usd: number };
