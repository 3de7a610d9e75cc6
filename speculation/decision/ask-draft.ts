import type { SharedBudgetBriefing } from '../forecast/briefing';
import { launchPolicy } from '../policies/by-name';
import { expectedValueUsd } from './expected-value';
import type { Knob } from './knob';
import { latencyValueUsd } from './latency-value';
import { lackOfRoom } from './room';

/** A downstream operation that a draft could let start early. */
export interface DraftCandidate {
  downstream: string;
  P: number;
  speculativeCostUsd: number;
  /** Time that is still saved once the draft has answered. */
  latencySavedSeconds: number;
}

export interface AskInputs {
  id: number;
  atMs: number;
  pipeline: string;
  phase: 'ask';
  upstream: string;
  /** Activity type of the draft. */
  draft: string;
  draftCostUsd: number;
  /** Most that the draft can cost, US dollars: what is reserved. @default the expected cost */
  mostUsd?: number | undefined;
  candidates: DraftCandidate[];
  knob: Knob;
  /** Unclaimed spending so far, drafts included, US dollars. */
  spentUsd: string;
  reservedUsd: string;
  /** What is left of budgets that other pipelines spend from too. @default none is in force */
  sharedBudget?: SharedBudgetBriefing | undefined;
  /** The policy in force: some ask for every draft, and some for none. @default a draft is asked for when it is worth its price */
  policyName?: string | undefined;
  /** How many more forecasts of the output can be followed at the same time. @default enough */
  places?: number | undefined;
}

export interface AskDecision extends AskInputs {
  /** Expected value of the best launch that the answer would allow, before the draft is paid. */
  valueUsd: number;
  thresholdUsd: number;
  decision: 'ask' | 'skip';
  reason: 'worth-it' | 'not-worth-it' | 'by-policy' | 'no-place' | 'speculation-off' | 'budget' | 'shared-budget';
}

/**
 * Whether to pay for a draft at all. PROPOSED, ours: the published rule with the draft's own price as the certain cost,
 * max over candidates of EV - C_draft >= (1 - alpha) * C_draft. The paper leaves the predictor's cost out of its rule (14.2).
 *
 * @throws UnknownPolicyError for a `policyName` that there is not
 */
export function decideAsk(inputs: AskInputs): AskDecision {
  const { knob, draftCostUsd, candidates, policyName } = inputs;
  const rule = policyName === undefined ? 'worth-it' : (launchPolicy(policyName).drafts ?? 'worth-it');
  const values = candidates.map(({ P, speculativeCostUsd, latencySavedSeconds }) =>
    expectedValueUsd(P, latencyValueUsd(knob.lambdaUsdPerSecond, latencySavedSeconds), speculativeCostUsd),
  );
  const valueUsd = Math.max(0, ...values);
  const thresholdUsd = (2 - knob.alpha) * draftCostUsd;
  const worthIt = valueUsd > 0 && valueUsd >= thresholdUsd;
  const reason = ((): AskDecision['reason'] => {
    if (!knob.enabled) return 'speculation-off';
    if (rule === 'never') return 'by-policy';
    if (inputs.places === 0) return 'no-place';
    if (rule === 'worth-it' && !worthIt) return 'not-worth-it';
    const room = { ...inputs, depth: 0, openLaunches: 0, maxOpenLaunches: Infinity };
    const lack = lackOfRoom(room, inputs.mostUsd ?? draftCostUsd, knob.budgetUsd);
    if (lack === 'budget' || lack === 'shared-budget') return lack;
    return rule === 'always' && !worthIt ? 'by-policy' : 'worth-it';
  })();
  const asked = reason === 'worth-it' || (reason === 'by-policy' && rule === 'always');
  return { ...inputs, valueUsd, thresholdUsd, decision: asked ? 'ask' : 'skip', reason };
}
