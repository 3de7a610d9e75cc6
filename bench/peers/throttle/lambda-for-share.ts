import { impliedLambdaUsdPerSecond } from '../../../speculation/decision/boundary';
import { DEFAULT_KNOB } from '../../../speculation/decision/knob';
import { always } from '../../../speculation/policies/always';
import { simulate } from '../../simulator/simulate';
import type { Workload } from '../../simulator/run-draw';
import { isSpeculativeWork } from './throttled';

const TRAINING_RUNS = 60;

/**
 * The largest value of a second at which the rule launches no more than this share of what it is offered: the bar that a throttle puts up
 * for value, found on runs of its own. Each candidate is launched from the lambda on at which it meets its threshold, so it is the quantile
 * of those.
 *
 * @param share 0 to 1
 * @param seed of the runs to learn from; not the one that is measured
 */
export function lambdaForShare(workload: Workload, share: number, seed: number): number {
  if (share >= 1) return 1;
  const bars: number[] = [];
  simulate(workload, {
    seed,
    runs: TRAINING_RUNS,
    policy: always,
    observer: {
      onDecision: (row) => {
        if (!isSpeculativeWork(row)) return;
        const { P, latencySavedSeconds, speculativeCostUsd, knob } = row;
        bars.push(impliedLambdaUsdPerSecond(P, latencySavedSeconds, speculativeCostUsd, knob.alpha));
      },
    },
  });
  bars.sort((left, right) => left - right);
  // The first that is too many stays below its bar.
  return (bars[Math.floor(share * bars.length)] ?? DEFAULT_KNOB.lambdaUsdPerSecond) * (1 - 1e-9);
}
