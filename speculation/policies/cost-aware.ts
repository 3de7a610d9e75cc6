import { shouldSpeculate } from '../decision/expected-value';
import type { LaunchPolicy, LaunchQuantities } from './launch-policy';
import { policyFamily } from './policy-family';

function isWorthItsPrice({ P, latencyValueUsd, speculativeCostUsd, knob }: LaunchQuantities): boolean {
  return shouldSpeculate(P, latencyValueUsd, speculativeCostUsd, knob.alpha);
}

/** The rule of arXiv:2606.07846, and the default. */
export const costAware: LaunchPolicy = { name: 'cost-aware', wants: isWorthItsPrice };

/**
 * The same rule. A draft is asked for when a launch on its average answer would be worth both prices. A drafter that tells its good guesses
 * from its bad ones (`counts`) is worth more than that, because only the good ones are launched: for such a one there is `ask`.
 */
export const costAwareFamily = policyFamily({
  name: costAware.name,
  summary: 'launches what is worth its price at the dial in force',
  source: 'arXiv:2606.07846',
  parameters: {
    ask: {
      default: 0,
      least: 0,
      most: 1,
      whole: true,
      meaning: '1: every draft is asked for, 0: those whose average answer is worth its price',
    },
  },
  policy: ({ ask }) => ({ wants: isWorthItsPrice, ...(ask === 1 && { drafts: 'always' as const }) }),
});
