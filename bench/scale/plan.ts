import type { Load } from './load';

/** What is measured, and for how long. */
export interface ScalePlan {
  /** Worker processes of each variant, one setting after the other. */
  workers: readonly number[];
  rounds: number;
  /** So few at a time that nothing queues: latency. Measured with the fewest workers. */
  light: Load;
  /** As many at a time as keep everybody busy: pipelines a second. */
  full: Load;
  /** How many pipelines are open after each step, for each variant. */
  openSteps: readonly number[];
  /** No further step is begun after so many seconds of opening; null for no bound. */
  openSeconds: number | null;
  roundsWhileOpen: number;
  /** Times as many pipelines at once in the simulator as were measured. */
  simulatedTimes: number;
}

const MOST_OPEN = 2_000;
const DEFAULT_ROUNDS = 4;

/** A few minutes; with a number of rounds, as long as that and all of the open pipelines take. */
export function scalePlan(quick: boolean, runs: number | undefined): ScalePlan {
  if (quick) {
    return {
      workers: [1],
      rounds: runs ?? 2,
      light: { seconds: 1, atOnce: 1 },
      full: { seconds: 1, atOnce: 10 },
      openSteps: [10, 20],
      openSeconds: null,
      roundsWhileOpen: 2,
      simulatedTimes: 10,
    };
  }
  return {
    workers: [1, 2, 4],
    rounds: runs ?? DEFAULT_ROUNDS,
    light: { seconds: 2, atOnce: 2 },
    full: { seconds: 2, atOnce: 20 },
    openSteps: [50, 100, 150, 200, 300, 400, 600, 800, 1_000, 1_200, 1_400, 1_600, 1_800, MOST_OPEN],
    openSeconds: runs === undefined ? 40 : null,
    roundsWhileOpen: runs ?? 2,
    simulatedTimes: 1_000,
  };
}
