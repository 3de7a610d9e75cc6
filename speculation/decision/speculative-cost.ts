import type { CostBriefing } from '../forecast/briefing';
import { tokensCostUsd } from './tokens';

/** C_spec of method D2: what a call is expected to cost, US dollars. */
export function speculativeCostUsd(cost: CostBriefing): number {
  return cost.kind === 'tokens' ? tokensCostUsd(cost.expected, cost.rates) : cost.usd;
}
