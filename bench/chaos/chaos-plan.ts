import { pick } from '../scenarios/seeded-random';
import { randomStream, type Random } from '../simulator/random-stream';
import { MOMENTS, type Moment } from './chaos-activities';
import { SHAPES, TOPICS, type ChaosInput } from './chaos-input';
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

const KILL_SHARE = 0.08;
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
    kill: killOf(random),
    clientHasPlugin: random() < 0.8,
  };
}

function killOf(random: Random): RunPlan['kill'] {
  if (random() >= KILL_SHARE) return null;
  return {
    victim: pick(random, VICTIMS, [8, 1, 1]),
    moment: pick(random, MOMENTS),
    delayMs: random() * LONGEST_KILL_DELAY_MS,
  };
}
