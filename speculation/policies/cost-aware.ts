import { shouldSpeculate } from '../decision/expected-value';
import type { LaunchPolicy } from './launch-policy';

/** The rule of arXiv:2606.07846, and the default. */
export const costAware: LaunchPolicy = {
  name: 'cost-aware',
  wants: ({ P, latencyValueUsd, speculativeCostUsd, knob }) =>
    shouldSpeculate(P, latencyValueUsd, speculativeCostUsd, knob.alpha),
};
