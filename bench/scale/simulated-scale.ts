import { costAware } from '../../speculation/policies/cost-aware';
import { sequential } from '../../speculation/policies/sequential';
import { percentile } from '../measure/percentile';
import { randomStream } from '../simulator/random-stream';
import type { RunDraw, Workload } from '../simulator/run-draw';
import { simulate, type SimulationResult } from '../simulator/simulate';
import { CALL_MS, RIGHT_SHARE } from './activities';

/** What the simulator says about one load: the same pipelines, plain and run ahead. */
export interface SimulatedLoad {
  /** Share of the slots that plain pipelines keep busy. */
  load: number;
  slots: number;
  pipelinesPerSecond: number;
  /** That were simulated, and counted after the warm-up. */
  pipelines: number;
  plain: SimulatedLatency;
  ahead: SimulatedLatency;
  /** Launches that were claimed, of those that were made. */
  claimed: { numerator: number; denominator: number };
}

interface SimulatedLatency {
  meanSeconds: number;
  p95Seconds: number;
  /** Pipelines that were open at the same time, on average (Little's law). */
  open: number;
}

const LOADS = [0.8, 0.99];
const SLOTS = 'activity slots';
const PIPELINES_PER_SLOT = 4;
/** Of the pipelines, at the beginning: they find empty slots, which nobody does later. */
const WARM_UP_SHARE = 0.25;

/**
 * Pipelines that arrive at random (Poisson) at worker slots of a fixed number, in virtual time. Durations of calls are those of the real
 * bench, exponential around it, because many pipelines do not wait for the same thing in step.
 *
 * @param slots activity slots of all workers together
 */
export function simulateScale(slots: number, seed: number): SimulatedLoad[] {
  const callSeconds = CALL_MS / 1000;
  const pipelines = slots * PIPELINES_PER_SLOT;
  return LOADS.map((load) => {
    const perSecond = (load * slots) / (2 * callSeconds);
    const arrivals = poissonArrivals(pipelines, perSecond, seed);
    const run = (policy: typeof costAware): SimulationResult =>
      simulate(twoCalls(callSeconds), {
        seed,
        runs: pipelines,
        policy,
        knob: { alpha: 1, lambdaUsdPerSecond: 0.01 },
        pools: { [SLOTS]: { slots } },
        arrivals: (index) => arrivals[index] ?? 0,
      });
    const plain = run(sequential);
    const ahead = run(costAware);
    const { claimed, launched } = ahead.total;
    return {
      load,
      slots,
      pipelinesPerSecond: perSecond,
      pipelines: countedOf(plain).length,
      plain: latencyOf(plain, perSecond),
      ahead: latencyOf(ahead, perSecond),
      claimed: { numerator: claimed, denominator: launched },
    };
  });
}

function poissonArrivals(count: number, perSecond: number, seed: number): number[] {
  const random = randomStream(seed, 'arrivals');
  const arrivals: number[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) arrivals.push((at -= Math.log(1 - random()) / perSecond));
  return arrivals;
}

function twoCalls(callSeconds: number): Workload {
  const call = (random: () => number): RunDraw['operations'][number]['call'] => ({
    latencySeconds: -callSeconds * Math.log(1 - random()),
    inputUsd: 0,
    outputUsd: 0,
  });
  const declared = { effect: 'none', disclosure: 'public', abandonSafe: false } as const;
  const expected = { latencySeconds: [callSeconds], cost: { kind: 'fixed', usd: 0 } as const };
  return {
    name: 'twoCalls',
    draw: (_run, random) => {
      const right = random() < RIGHT_SHARE;
      return {
        operations: [
          {
            name: 'classify',
            after: [],
            call: call(random),
            drafts: [
              {
                source: 'function',
                latencySeconds: 0,
                inputUsd: 0,
                outputUsd: 0,
                candidates: [{ rank: 0, right, trueProbability: RIGHT_SHARE }],
              },
            ],
            candidates: 'exclusive',
            declared,
            expected,
            pool: SLOTS,
          },
          {
            name: 'answer',
            after: [0],
            call: call(random),
            astray: (anew) => call(anew),
            drafts: [],
            candidates: 'exclusive',
            declared,
            expected,
            pool: SLOTS,
          },
        ],
      };
    },
  };
}

function countedOf({ runs }: SimulationResult): SimulationResult['runs'] {
  return runs.slice(Math.floor(runs.length * WARM_UP_SHARE));
}

function latencyOf(result: SimulationResult, perSecond: number): SimulatedLatency {
  const seconds = countedOf(result).map((run) => run.seconds);
  const meanSeconds = seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
  return { meanSeconds, p95Seconds: percentile(seconds, 0.95), open: perSecond * meanSeconds };
}
