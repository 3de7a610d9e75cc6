import type { CostBriefing } from '../forecast/briefing';
import type { ForecastSource } from '../forecast/forecast';
import { launchPolicy } from '../policies/by-name';
import type { LaunchPolicy, LaunchSurroundings } from '../policies/launch-policy';
import { checkAdmissible, type AdmissibilityReason, type Declared } from './admissibility';
import { expectedValueUsd, thresholdUsd } from './expected-value';
import type { Knob } from './knob';
import { launchQuantities } from './launch-quantities';
import { latencyValueUsd } from './latency-value';
import { marginalProbability } from './marginal-breadth';
import { overrideOf, type Override, type OverrideReason, type PlannedDecision } from './override';
import { lackOfRoom, type NoRoom, type Room } from './room';
import { speculativeCostUsd } from './speculative-cost';
import { heldByStage, type EdgeCalibration, type StageHold } from './stage-gate';

/** How likely one open hypothesis is right: the forecast of `upstream` and the posterior behind it. */
export interface HypothesisProbability {
  upstream: string;
  source: ForecastSource;
  rank: number;
  /** Beta(a, b) that `probability` is the mean of, or the bound where the dependency declares a `credibleBound`. */
  a: number;
  b: number;
  /** What the source had counted in this context; null where it does not count. */
  counts: { hits: number; total: number } | null;
  probability: number;
  /** What the source itself has said how sure it is, 0 to 1. @default it has not said */
  confidence?: number;
  /** Probability of the other forecasts of this output that its stream has ruled out; `probability` is what is left for this one. @default 0 */
  ruledOut?: number;
}

/** Everything that one decision depends on. A logged row carries it, so that anybody can decide again. */
export interface DecisionInputs extends Room {
  /** Number of the decision within its pipeline. */
  id: number;
  atMs: number;
  pipeline: string;
  upstream: string;
  downstream: string;
  dependencyType: string;
  /** Number of branches, for `router_k_way`. */
  k: number | null;
  /**
   * `plan` when the pipeline starts, for every edge that is known; `launch` when a fiber asks for the call; `stream` when news from
   * upstream's stream made the rule give a launch up.
   */
  phase: 'plan' | 'launch' | 'stream';
  /** Number of launches that this one builds on, plus one. */
  depth: number;
  /** One list of open hypotheses for each fiber that asks for this very call. */
  supports: HypothesisProbability[][];
  /** P of each open launch along this edge on another forecast of the same output: only one of them can be right. @default none */
  siblings?: number[] | undefined;
  forecastDigest: string;
  /** Null for an operation that nobody declared. */
  declared: Declared | null;
  /** A copy of the knob in force. */
  knob: Knob;
  cost: CostBriefing;
  /** Most that the launch can cost, US dollars: what is reserved. @default the expected cost */
  mostUsd?: number | undefined;
  latencySavedSeconds: number;
  /** Where the edge stands. @default online */
  calibration?: EdgeCalibration | undefined;
  /** What the plan had said about this edge. @default the edge was not planned */
  plan?: PlannedDecision | undefined;
  /** For `stream`: the launch, what of its cost was compared, and which share of it was done by then. @default none */
  midStream?: { activityId: string; reading: 'full-cost' | 'remaining-cost'; fraction: number } | undefined;
  /** What the launch is part of. @default nothing is known of it */
  surroundings?: LaunchSurroundings | undefined;
  /** Whether the forecast is right, where recorded runs are replayed. @default nobody knows */
  right?: boolean | undefined;
  policyName: string;
  policyVersion: string;
  priceVersion: string;
}

export interface Decision extends DecisionInputs {
  admissible: boolean;
  admissibilityReason: AdmissibilityReason;
  /** Probability that the launch is used. */
  P: number;
  speculativeCostUsd: number;
  latencyValueUsd: number;
  expectedValueUsd: number;
  thresholdUsd: number;
  /** expectedValueUsd - thresholdUsd. */
  marginUsd: number;
  /** The policy wants the launch; with `decision: 'hold'` something other than its value holds it. */
  wanted: boolean;
  /** Null without a plan. */
  override: Override | null;
  overrideReason: OverrideReason | null;
  decision: 'launch' | 'hold';
  reason: DecisionReason;
}

const NOT_PLANNED = { override: null, overrideReason: null } as const;

export type DecisionReason =
  | 'worth-it'
  | 'not-worth-it'
  | 'inadmissible'
  /** The plan found it inadmissible: that is never upgraded while the pipeline runs. */
  | 'inadmissible-when-planned'
  | 'speculation-off'
  | StageHold
  | NoRoom
  /** A price, probability or duration is negative or no number. The quantities of such a row are 0. */
  | 'unusable-numbers';

/**
 * Decides whether to launch, from its arguments alone. Never throws for bad numbers: they hold.
 *
 * @param policy @default the policy named by `inputs.policyName`
 * @throws UnknownPolicyError if no policy is given and `inputs.policyName` is none of the known ones
 */
export function decide(inputs: DecisionInputs, policy: LaunchPolicy = launchPolicy(inputs.policyName)): Decision {
  const { knob } = inputs;
  const { admissible, reason: admissibilityReason } = checkAdmissible(inputs.declared);
  let P = launchProbability(inputs.supports, inputs.siblings);
  let C = speculativeCostUsd(inputs.cost);
  let L = latencyValueUsd(knob.lambdaUsdPerSecond, inputs.latencySavedSeconds);
  const mostUsd = inputs.mostUsd ?? C;
  const usable =
    isQuantity(P) &&
    isQuantity(C) &&
    isQuantity(L) &&
    isQuantity(mostUsd) &&
    isQuantity(knob.alpha) &&
    isQuantity(inputs.latencySavedSeconds);
  if (!usable) P = C = L = 0;
  const EV = expectedValueUsd(P, L, C);
  const threshold = usable ? thresholdUsd(knob.alpha, C) : 0;
  const valued = { P, speculativeCostUsd: C, latencyValueUsd: L, expectedValueUsd: EV, thresholdUsd: threshold };
  const wanted = policy.wants(launchQuantities(inputs, valued));

  const reason = ((): DecisionReason => {
    if (!admissible) return 'inadmissible';
    if (inputs.plan?.reason === 'inadmissible') return 'inadmissible-when-planned';
    if (!knob.enabled) return 'speculation-off';
    if (!usable) return 'unusable-numbers';
    if (!wanted) return 'not-worth-it';
    return heldByStage(inputs.calibration) ?? lackOfRoom(inputs, mostUsd, knob.budgetUsd) ?? 'worth-it';
  })();
  const decision = reason === 'worth-it' ? 'launch' : 'hold';
  const { override, overrideReason } =
    inputs.plan === undefined
      ? NOT_PLANNED
      : overrideOf(
          inputs.plan,
          { decision, reason, P, speculativeCostUsd: C, latencyValueUsd: L, knob },
          inputs,
          policy,
        );

  // Field by field: a spread of this many fields costs more than everything else here together.
  return {
    id: inputs.id,
    atMs: inputs.atMs,
    pipeline: inputs.pipeline,
    upstream: inputs.upstream,
    downstream: inputs.downstream,
    dependencyType: inputs.dependencyType,
    k: inputs.k,
    phase: inputs.phase,
    depth: inputs.depth,
    maxDepth: inputs.maxDepth,
    supports: inputs.supports,
    siblings: inputs.siblings,
    forecastDigest: inputs.forecastDigest,
    declared: inputs.declared,
    knob,
    cost: inputs.cost,
    mostUsd: inputs.mostUsd,
    latencySavedSeconds: inputs.latencySavedSeconds,
    openLaunches: inputs.openLaunches,
    maxOpenLaunches: inputs.maxOpenLaunches,
    spentUsd: inputs.spentUsd,
    reservedUsd: inputs.reservedUsd,
    sharedBudget: inputs.sharedBudget,
    calibration: inputs.calibration,
    plan: inputs.plan,
    midStream: inputs.midStream,
    surroundings: inputs.surroundings,
    right: inputs.right,
    policyName: policy.name,
    policyVersion: inputs.policyVersion,
    priceVersion: inputs.priceVersion,
    admissible,
    admissibilityReason,
    P,
    speculativeCostUsd: C,
    latencyValueUsd: L,
    expectedValueUsd: EV,
    thresholdUsd: threshold,
    marginUsd: EV - threshold,
    wanted: wanted && usable,
    override,
    overrideReason,
    decision,
    reason,
  };
}

/**
 * P = sum over fibers of the product over their hypotheses, at most what open siblings leave of 1. The product takes hypotheses of one
 * fiber as independent; the sum takes fibers as exclusive, as different forecasts of one output are: only one value is the real one.
 */
function launchProbability(
  supports: readonly (readonly HypothesisProbability[])[],
  siblings: readonly number[] | undefined,
): number {
  let sum = 0;
  for (const hypotheses of supports) {
    let product = 1;
    for (const { probability } of hypotheses) product *= probability;
    sum += product;
  }
  return siblings === undefined ? Math.min(1, sum) : marginalProbability(sum, siblings);
}

function isQuantity(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
