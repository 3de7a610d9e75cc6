import type { CostBriefing } from '../forecast/briefing';
import type { ForecastSource } from '../forecast/forecast';
import { launchPolicy } from '../policies/by-name';
import type { LaunchPolicy } from '../policies/launch-policy';
import { checkAdmissible, type AdmissibilityReason, type Declared } from './admissibility';
import { fitsBudget } from './budget';
import { expectedValueUsd, thresholdUsd } from './expected-value';
import type { Knob } from './knob';
import { latencyValueUsd } from './latency-value';
import { speculativeCostUsd } from './speculative-cost';

/** How likely one open hypothesis is right: the forecast of `upstream` and the posterior behind it. */
export interface HypothesisProbability {
  upstream: string;
  source: ForecastSource;
  rank: number;
  /** Beta(a, b) that `probability` is the mean of. */
  a: number;
  b: number;
  /** What the source had counted in this context; null where it does not count. */
  counts: { hits: number; total: number } | null;
  probability: number;
}

/** Everything that one decision depends on. A logged row carries it, so that anybody can decide again. */
export interface DecisionInputs {
  /** Number of the decision within its pipeline. */
  id: number;
  atMs: number;
  pipeline: string;
  upstream: string;
  downstream: string;
  dependencyType: string;
  /** Number of branches, for `router_k_way`. */
  k: number | null;
  phase: 'launch';
  /** Number of launches that this one builds on, plus one. */
  depth: number;
  /** Largest allowed `depth`. @default unbounded */
  maxDepth?: number | undefined;
  /** One list of open hypotheses for each fiber that asks for this very call. */
  supports: HypothesisProbability[][];
  forecastDigest: string;
  /** Null for an operation that nobody declared. */
  declared: Declared | null;
  /** A copy of the knob in force. */
  knob: Knob;
  cost: CostBriefing;
  latencySavedSeconds: number;
  openLaunches: number;
  maxOpenLaunches: number;
  /** Unclaimed spending so far, US dollars. */
  spentUsd: string;
  /** Set aside for launches that still run, US dollars. */
  reservedUsd: string;
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
  decision: 'launch' | 'hold';
  reason: DecisionReason;
}

export type DecisionReason =
  | 'worth-it'
  | 'not-worth-it'
  | 'inadmissible'
  | 'speculation-off'
  | 'budget'
  | 'too-deep'
  | 'too-many-launches'
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
  let P = launchProbability(inputs.supports);
  let C = speculativeCostUsd(inputs.cost);
  let L = latencyValueUsd(knob.lambdaUsdPerSecond, inputs.latencySavedSeconds);
  const usable =
    isQuantity(P) && isQuantity(C) && isQuantity(L) && isQuantity(knob.alpha) && isQuantity(inputs.latencySavedSeconds);
  if (!usable) P = C = L = 0;
  const EV = expectedValueUsd(P, L, C);
  const threshold = usable ? thresholdUsd(knob.alpha, C) : 0;

  const reason = ((): DecisionReason => {
    if (!admissible) return 'inadmissible';
    if (!knob.enabled) return 'speculation-off';
    if (!usable) return 'unusable-numbers';
    const quantities = {
      P,
      speculativeCostUsd: C,
      latencyValueUsd: L,
      expectedValueUsd: EV,
      thresholdUsd: threshold,
      knob,
    };
    if (!policy.wants(quantities)) return 'not-worth-it';
    if (!fitsBudget(inputs.spentUsd, inputs.reservedUsd, C, knob.budgetUsd)) return 'budget';
    if (inputs.maxDepth !== undefined && inputs.depth > inputs.maxDepth) return 'too-deep';
    if (inputs.openLaunches >= inputs.maxOpenLaunches) return 'too-many-launches';
    return 'worth-it';
  })();

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
    forecastDigest: inputs.forecastDigest,
    declared: inputs.declared,
    knob,
    cost: inputs.cost,
    latencySavedSeconds: inputs.latencySavedSeconds,
    openLaunches: inputs.openLaunches,
    maxOpenLaunches: inputs.maxOpenLaunches,
    spentUsd: inputs.spentUsd,
    reservedUsd: inputs.reservedUsd,
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
    decision: reason === 'worth-it' ? 'launch' : 'hold',
    reason,
  };
}

/**
 * The same decision again, from the inputs that its row carries and nothing else; always equal to the row.
 *
 * @param policy needed only for a policy that has no built-in name
 */
export function recomputeDecision(row: Decision, policy?: LaunchPolicy): Decision {
  return decide(row, policy);
}

/**
 * P = sum over fibers of the product over their hypotheses, at most 1. The product takes hypotheses of one fiber as independent;
 * the sum takes fibers as exclusive, as different forecasts of one output are.
 */
function launchProbability(supports: readonly (readonly HypothesisProbability[])[]): number {
  let sum = 0;
  for (const hypotheses of supports) {
    let product = 1;
    for (const { probability } of hypotheses) product *= probability;
    sum += product;
  }
  return Math.min(1, sum);
}

function isQuantity(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
