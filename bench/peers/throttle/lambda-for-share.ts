import { impliedLambdaUsdPerSecond } from '../../../speculation/decision/boundary';
import { DEFAULT_KNOB } from '../../../speculation/decision/knob';
import { always } from '../../../speculation/policies/always';
import { simulate } from '../../simulator/simulate';
import type { Workload } from '../../simulator/run-draw';
import { isSpeculativeWork } from './throttled';

const TRAINING_RUNS = 60;

/**
 * The value of a second from which on each candidate of some runs is launched, ascending: where it meets its threshold. Runs of their own,
 * not those that are measured.
 *
 * @param seed of the runs to learn from
 */
export function launchBars(workload: Workload, seed: number): number[] {
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
  return bars.sort((left, right) => left - right);
}

/**
 * The largest value of a second at which the rule launches no more than this share of what it is offered: the bar that a throttle puts up
 * for value, as a quantile of `launchBars`.
 *
 * @param share 0 to 1
 */
export function lambdaForShare(bars: readonly number[], share: number): number {
  if (share >= 1) return 1;
  // The first that is too many stays below its bar.
  return (bars[Math.floor(share * bars.length)] ?? DEFAULT_KNOB.lambdaUsdPerSecond) * (1 - 1e-9);
}
