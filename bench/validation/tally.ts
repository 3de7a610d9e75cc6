import type { Workload } from '../simulator/run-draw';

/** What the runs of a workload would take and cost as plain calls one after another. */
export interface Tally {
  workload: Workload;
  seconds: () => number;
  usd: () => number;
}

/** The same workload, which adds up what it draws: the sequential run to compare with, on the very same draws. */
export function tallied(workload: Workload): Tally {
  let seconds = 0;
  let usd = 0;
  return {
    workload: {
      name: workload.name,
      draw: (run, random) => {
        const draw = workload.draw(run, random);
        for (const { call } of draw.operations) {
          seconds += call.latencySeconds;
          usd += call.inputUsd + call.outputUsd;
        }
        return draw;
      },
    },
    seconds: () => seconds,
    usd: () => usd,
  };
}
