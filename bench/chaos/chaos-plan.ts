import { pick } from '../scenarios/seeded-random';
import { randomStream, type Random } from '../simulator/random-stream';
import type { Moment } from './chaos-activities';
import { SHAPES, TOPICS, type ChaosInput, type Shape } from './chaos-input';
import { sentence } from './chaos-mind';

/** What somebody does to a pipeline while it runs. */
export const DISTURBANCES = ['none', 'cancel', 'terminate', 'reset', 'knob'] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

/** What is killed with SIGKILL. */
export const VICTIMS = ['worker', 'both workers', 'server'] as const;
export type Victim = (typeof VICTIMS)[number];

/** All that happens to one run, decided before it starts. */
export interface RunPlan {
  run: number;
  workflowId: string;
  input: ChaosInput;
  disturbance: {
    kind: Disturbance;
    /** Milliseconds after the start. */
    afterMs: number;
    /** 0 to 1: which of the workflow tasks until then a reset goes back to, or which way the knob turns. */
    choice: number;
  };
  /** Kills that strike when the run reaches a moment; null for none. */
  kill: { victim: Victim; moment: Moment; delayMs: number } | null;
  /** False: the pipeline has to look its settings up. */
  clientHasPlugin: boolean;
}

const KILL_SHARE = 0.13;

/** Every run asks, looks and sends; what else it comes by depends on its shape. */
const MOMENTS_OF: Record<Shape, readonly Moment[]> = {
  router: ['asking', 'looking', 'written', 'sent'],
  mapper: ['asking', 'written', 'sent'],
  agent: ['asking', 'looking', 'preparing', 'prepared', 'committed', 'sent'],
  streamed: ['asking', 'looking', 'written', 'preparing', 'prepared', 'committed', 'sent'],
  staged: ['asking', 'looking', 'preparing', 'prepared', 'committed', 'sent'],
  relay: ['asking', 'looking', 'preparing', 'prepared', 'committed', 'written', 'sent'],
};
const LONGEST_DISTURBANCE_DELAY_MS = 1_600;
const LONGEST_KILL_DELAY_MS = 120;

/** The same seed and number give the same plan. */
export function planOf(seed: number, run: number): RunPlan {
  const random = randomStream(seed, 'chaos', run);
  const shape = SHAPES[run % SHAPES.length] ?? 'router';
  const topic = pick(random, TOPICS);
  return {
    run,
    workflowId: `chaos-${seed}-${run}`,
    input: {
      run,
      shape,
      topic,
      text: sentence(`${seed} ${run}`, 5),
      size: 1 + Math.floor(random() * 4),
      legs: 1 + Math.floor(random() * 3),
      leg: 1,
      carried: [],
    },
    disturbance: {
      kind: pick(random, DISTURBANCES, [5, 1.5, 1.5, 1.5, 0.5]),
      afterMs: random() * LONGEST_DISTURBANCE_DELAY_MS,
      choice: random(),
    },
    kill: killOf(random, MOMENTS_OF[shape]),
    clientHasPlugin: random() < 0.8,
  };
}

function killOf(random: Random, moments: readonly Moment[]): RunPlan['kill'] {
  if (random() >= KILL_SHARE) return null;
  return {
    victim: pick(random, VICTIMS, [7, 1, 2]),
    moment: pick(random, moments),
    delayMs: random() * LONGEST_KILL_DELAY_MS,
  };
}
