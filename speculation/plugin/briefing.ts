import { tightestBudget } from '../budget/tightest-budget';
import { checkAdmissible } from '../decision/admissibility';
import { speculativeCostUsd } from '../decision/speculative-cost';
import { effectiveKnob, type ControlState } from '../estimate/control-state';
import { resolveDependency } from '../estimate/dependency-type';
import type { Briefing, CostBriefing, DownstreamBriefing, DraftBriefing } from '../forecast/briefing';
import { ownEntry } from '../forecast/own-entry';
import type { LookupRequest } from '../runtime/protocol';
import { edgeBriefing, type Asker } from './edge-briefing';
import { acceptanceBriefing, equivalenceBriefing } from './equivalence-briefing';
import { costBriefing, latencyPoints, mostUsd } from './expected-cost';
import { forecastsOf } from './forecasts';
import type { OperationPolicy } from './operation-policy';
import { plannedEdges } from './plan-briefing';
import type { Policy } from './policy-file';
import type { WarnOnce } from './warn-once';

const FREE: CostBriefing = { kind: 'fixed', usd: 0 };

/**
 * Answers a look-up from memory. Never throws for what a policy's own functions do.
 *
 * @param workflowId of the pipeline that asks; null when it is not known, and then in no canary
 */
export function briefingFor(
  request: LookupRequest,
  policy: Policy,
  state: ControlState,
  warnOnce: WarnOnce,
  workflowId: string | null = null,
): Briefing {
  const asker: Asker = { workflowId, tenant: request.tenant ?? null };
  const downstream = (upstream: string, operation: OperationPolicy): DownstreamBriefing =>
    downstreamBriefing(upstream, operation, policy, state, asker);
  const operation = policy.operations.get(request.activityType);
  const sharedBudget = tightestBudget(state.budgets, policy.budgets, request, Date.now());
  return {
    forecasts:
      operation === undefined ? [] : forecastsOf(operation, request.args, request.trail ?? [], state, warnOnce),
    draft: operation === undefined ? null : draftBriefing(operation, policy, state),
    prior: operation?.prior ?? resolveDependency({ type: 'unknown' }),
    latencySeconds:
      operation === undefined
        ? []
        : latencyPoints(operation, ownEntry(state.operations, request.activityType), state.models),
    downstream: Object.fromEntries(
      [...policy.operations].map(([activityType, each]) => [activityType, downstream(request.activityType, each)]),
    ),
    knob: effectiveKnob(state, request.pipeline),
    policyVersion: policy.version,
    priceVersion: policy.prices.version,
    ...equivalenceBriefing(request.activityType, policy),
    ...(request.plan === true && { plan: plannedEdges(policy, state, downstream) }),
    ...(sharedBudget !== null && { sharedBudget }),
  };
}

function draftBriefing({ forecasters }: OperationPolicy, policy: Policy, state: ControlState): DraftBriefing | null {
  for (const forecaster of forecasters) {
    if (forecaster.kind !== 'draft') continue;
    const draft = policy.operations.get(forecaster.activity);
    if (draft === undefined) continue;
    const statistics = ownEntry(state.operations, draft.activityType);
    const expectedCostUsd = speculativeCostUsd(costBriefing(draft, statistics, policy.prices));
    return {
      activityType: draft.activityType,
      expectedCostUsd,
      ...mostBeyond(expectedCostUsd, mostUsd(draft, statistics, policy.prices)),
      latencySeconds: latencyPoints(draft, statistics, state.models),
      ...(forecaster.several && { several: true }),
    };
  }
  return null;
}

/** What is never launched early is named, so that a hold can say why, and nothing else of it is stored in every history. */
function downstreamBriefing(
  upstream: string,
  operation: OperationPolicy,
  policy: Policy,
  state: ControlState,
  asker: Asker,
): DownstreamBriefing {
  const { activityType, effect, disclosure, abandonSafe } = operation;
  const { reason } = checkAdmissible(operation);
  const barrier = operation.barrier ? { barrier: true as const } : {};
  const hinted = operation.hinted ? { hinted: true as const } : {};
  if (reason === 'irreversible' || reason === 'private' || reason === 'hint-is-no-proof') {
    return { effect, disclosure, abandonSafe, ...hinted, latencySeconds: [], cost: FREE, observed: {} };
  }
  const statistics = ownEntry(state.operations, activityType);
  const cost = costBriefing(operation, statistics, policy.prices);
  return {
    effect,
    disclosure,
    abandonSafe,
    ...barrier,
    ...hinted,
    latencySeconds: latencyPoints(operation, statistics, state.models),
    cost,
    ...mostBeyond(speculativeCostUsd(cost), mostUsd(operation, statistics, policy.prices)),
    ...edgeBriefing(`${upstream}>${activityType}`, state, asker),
    ...acceptanceBriefing(upstream, operation, policy),
  };
}

/** Said only where it differs from what is expected: every look-up is stored in a history. */
function mostBeyond(expectedUsd: number, most: number): { mostUsd?: number } {
  return most > expectedUsd ? { mostUsd: most } : {};
}
