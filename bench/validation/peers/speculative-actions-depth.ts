import { launchPolicy } from '../../../speculation/policies/by-name';
import { costUsd } from '../../simulator/books';
import { constant } from '../../simulator/distribution';
import { chain } from '../../simulator/pipeline';
import { simulate } from '../../simulator/simulate';
import { closedForm } from '../closed-form';
import { times } from '../experiment';
import { dealtWithinRun } from '../luck';

interface Depth {
  steps: number;
  p: number;
  guessSeconds: number;
}

const DEPTH_FIRST = { policy: launchPolicy('speculative-actions:k=1,depth=32'), maxDepth: Infinity } as const;

/** Guess upon guess, as deep as time allows; actor steps take a second. */
export const depthTime = closedForm<Depth>({
  name: 'speculative-actions-depth',
  title: 'time of depth-first speculation with fixed latencies: a T + (T - 1) p (b - a)',
  origin: 'peer',
  form: ({ steps, p, guessSeconds: b }) => steps + (steps - 1) * p * (b - 1),
  planted: {
    'only every other step can be saved': ({ steps, p, guessSeconds: b }) =>
      steps + ((steps - 1) * p * (b - 1)) / (1 + p),
    'the first step is saved too': ({ steps, p, guessSeconds: b }) => steps + steps * p * (b - 1),
  },
  simulate: (setting) =>
    [
      { steps: 10, p: 0.9, guessSeconds: 0.3 },
      { steps: 40, p: 0.3, guessSeconds: 0.3 },
      { steps: 40, p: 0.6, guessSeconds: 0.15 },
      { steps: 50, p: 0.95, guessSeconds: 0.4 },
    ].map((parameters) => {
      const { steps, p, guessSeconds } = parameters;
      const workload = chain('depth', steps, {
        name: 'step',
        latency: constant(1),
        draft: { latency: constant(guessSeconds), hitProbabilities: [p] },
      });
      const runs = times(20_000 / steps, setting);
      const { total } = simulate(dealtWithinRun(workload), { seed: setting.seed, runs, ...DEPTH_FIRST });
      return { label: `T ${steps}, p ${p}, b ${guessSeconds}`, parameters, observed: total.seconds / runs };
    }),
});

interface DepthCost extends Depth {
  charged: 'launches' | 'guesses';
}

/**
 * What depth-first speculation costs in addition, as a share of the plain cost, for T -> infinity. A miss throws away the launches behind
 * it, which have run for a - b, a - 2b, ...: (1 - p)(a/(2b) - 1/2), as printed. Guesses go on all the time, so at the actor's price per
 * second they add the whole running time, (1 - p) + p b/a; ours. The printed "+ p" is met by neither.
 */
export const depthCost = closedForm<DepthCost>({
  name: 'speculative-actions-depth-cost',
  title: 'extra cost of depth: launches (1 - p)(a/(2b) - 1/2), guesses (1 - p) + p b/a; the printed "+ p" is not met',
  origin: 'corrected',
  form: ({ p, guessSeconds: b, charged }) => (charged === 'launches' ? (1 - p) * (1 / (2 * b) - 1 / 2) : 1 - p + p * b),
  printed: printedDepthCost,
  planted: {
    'as printed, with "+ p"': ({ charged, ...depth }) =>
      charged === 'launches' ? printedDepthCost(depth) : 1 - depth.p + depth.p * depth.guessSeconds,
    'guesses only until the first miss': ({ p, guessSeconds: b, charged }) =>
      charged === 'launches' ? (1 - p) * (1 / (2 * b) - 1 / 2) : b,
  },
  simulate: (setting) =>
    (['launches', 'guesses'] as const).flatMap((charged) =>
      [
        { steps: 2_000, p: 0.5, guessSeconds: 0.25 },
        { steps: 2_000, p: 0.8, guessSeconds: 0.125 },
      ].map((depth) => {
        const { steps, p, guessSeconds } = depth;
        const workload = chain('depth', steps, {
          name: 'step',
          latency: constant(1),
          price: { kind: 'per-second', usdPerSecond: charged === 'launches' ? 1 : 0 },
          draft: {
            latency: constant(guessSeconds),
            hitProbabilities: [p],
            price: { kind: 'per-second', usdPerSecond: charged === 'guesses' ? 1 : 0 },
          },
        });
        const runs = times(8, setting);
        const { total } = simulate(dealtWithinRun(workload), { seed: setting.seed, runs, ...DEPTH_FIRST });
        const plain = charged === 'launches' ? runs * steps : 0;
        return {
          label: `${charged}, p ${p}, b ${guessSeconds}`,
          parameters: { ...depth, charged },
          observed: (costUsd(total) - plain) / (runs * steps),
        };
      }),
    ),
});

/** (1 - p)(a/(2b) - 1/2) + p: one figure, whatever is charged. */
function printedDepthCost({ p, guessSeconds: b }: Depth): number {
  return (1 - p) * (1 / (2 * b) - 1 / 2) + p;
}
