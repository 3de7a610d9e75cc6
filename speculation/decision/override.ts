import type { LaunchPolicy } from '../policies/launch-policy';
import type { DecisionInputs, DecisionReason } from './decision';
import { expectedValueUsd, thresholdUsd } from './expected-value';
import type { Knob } from './knob';
import { launchQuantities } from './launch-quantities';

/** What the plan of a pipeline had said about an edge, with the quantities that it said it for. */
export interface PlannedDecision {
  /** Number of the plan's row within its pipeline. */
  id: number;
  decision: 'launch' | 'hold';
  reason: DecisionReason;
  P: number;
  speculativeCostUsd: number;
  latencyValueUsd: number;
  knob: Knob;
}

/** How the decision at launch compares with the plan. PROPOSED, ours: the paper names a bidirectional override and no more. */
export type Override = 'KEEP_SPECULATE' | 'KEEP_WAIT' | 'UPGRADE' | 'DOWNGRADE';

/** What made the difference: a bound or a switch, or the one quantity that turns the rule, or several together. */
export type OverrideReason = DecisionReason | 'probability' | 'cost' | 'latency' | 'knob' | 'several';

/** @param inputs of the decision now: what a policy looks at beside the quantities is taken as the same for the plan */
export function overrideOf(
  plan: PlannedDecision,
  now: Omit<PlannedDecision, 'id'>,
  inputs: DecisionInputs,
  policy: LaunchPolicy,
): { override: Override; overrideReason: OverrideReason | null } {
  if (plan.decision === now.decision) {
    return { override: now.decision === 'launch' ? 'KEEP_SPECULATE' : 'KEEP_WAIT', overrideReason: null };
  }
  const override = now.decision === 'launch' ? 'UPGRADE' : 'DOWNGRADE';
  if (now.reason !== 'worth-it' && now.reason !== 'not-worth-it') return { override, overrideReason: now.reason };
  if (plan.reason !== 'worth-it' && plan.reason !== 'not-worth-it') return { override, overrideReason: plan.reason };
  return { override, overrideReason: whatTurnedIt(plan, now, inputs, policy) };
}

type RuleInputs = Pick<PlannedDecision, 'P' | 'speculativeCostUsd' | 'latencyValueUsd' | 'knob'>;

/** The first quantity whose new value alone gives the new answer. */
function whatTurnedIt(plan: RuleInputs, now: RuleInputs, inputs: DecisionInputs, policy: LaunchPolicy): OverrideReason {
  const before = wants(plan, inputs, policy);
  const lambdaRatio =
    plan.knob.lambdaUsdPerSecond === 0 ? 0 : now.knob.lambdaUsdPerSecond / plan.knob.lambdaUsdPerSecond;
  // L = lambda * seconds: what of its change is the knob's and what is the clock's.
  const changes: [OverrideReason, RuleInputs][] = [
    ['probability', { ...plan, P: now.P }],
    ['cost', { ...plan, speculativeCostUsd: now.speculativeCostUsd }],
    ['knob', { ...plan, knob: now.knob, latencyValueUsd: plan.latencyValueUsd * lambdaRatio }],
    [
      'latency',
      { ...plan, latencyValueUsd: lambdaRatio === 0 ? now.latencyValueUsd : now.latencyValueUsd / lambdaRatio },
    ],
  ];
  return changes.find(([, changed]) => wants(changed, inputs, policy) !== before)?.[0] ?? 'several';
}

function wants(rule: RuleInputs, inputs: DecisionInputs, policy: LaunchPolicy): boolean {
  const { P, speculativeCostUsd, latencyValueUsd, knob } = rule;
  const valued = {
    P,
    speculativeCostUsd,
    latencyValueUsd,
    expectedValueUsd: expectedValueUsd(P, latencyValueUsd, speculativeCostUsd),
    thresholdUsd: thresholdUsd(knob.alpha, speculativeCostUsd),
  };
  return policy.wants(launchQuantities({ ...inputs, knob }, valued));
}
