import { costAware } from '../../../speculation/policies/cost-aware';
import type { Decision } from '../../../speculation/decision/decision';
import { simulate } from '../../simulator/simulate';
import type { Workload } from '../../simulator/run-draw';
import { isSpeculativeWork } from './throttled';

const HALVINGS = 14;
const TRAINING_RUNS = 60;

/**
 * The largest value of a second at which the rule launches no more than this share of what it is offered: the bar that a throttle puts up
 * for value, found on runs of its own.
 *
 * @param share 0 to 1
 * @param seed of the runs to learn from; not the one that is measured
 */
export function lambdaForShare(workload: Workload, share: number, seed: number): number {
  if (share >= 1) return 1;
  const launchedShare = (lambdaUsdPerSecond: number): number => {
    let offered = 0;
    const onDecision = (row: Decision): void => {
      if (isSpeculativeWork(row)) offered += 1;
    };
    const { total } = simulate(workload, {
      seed,
      runs: TRAINING_RUNS,
      policy: costAware,
      knob: { lambdaUsdPerSecond },
      observer: { onDecision },
    });
    return total.launched / offered;
  };
  let low = Math.log(1e-5);
  let high = 0;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (launchedShare(Math.exp(middle)) <= share) low = middle;
    else high = middle;
  }
  return Math.exp(low);
}
