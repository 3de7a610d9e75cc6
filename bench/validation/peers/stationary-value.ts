import type { LaunchPolicy } from '../../../speculation/policies/launch-policy';
import { optimalBreadth } from '../../../speculation/decision/optimal-breadth';
import { stationaryHitValueUsd } from '../../../speculation/decision/stationary-hit-value';
import { ORACLE } from '../../simulator/beliefs';
import { READS_ONLY } from '../../simulator/pipeline';
import type { OperationDraw, Workload } from '../../simulator/run-draw';
import { simulate } from '../../simulator/simulate';
import { closedForm } from '../closed-form';
import { times } from '../experiment';

/** Actor and guess seconds, worth of a second and price of a candidate, dollars. */
interface Stage {
  actorSeconds: number;
  guessSeconds: number;
  lambda: number;
  candidateUsd: number;
}

const STEPS = 1_000;
const GRID = 2_000;
const MOST = 3;

/** The best guess is right with this probability, drawn anew for each step; the others follow. */
function ladder(best: number): number[] {
  return [best, 0.6 * best, 0.3 * best];
}

function gainOf({ actorSeconds, guessSeconds, lambda }: Stage): number {
  return lambda * (actorSeconds - guessSeconds);
}

/** The code that ships, for steps whose best probability is spread evenly over 0 to 1. */
function fixedPoint(stage: Stage): number {
  const steps = Array.from({ length: GRID }, (_, index) => ladder((index + 0.5) / GRID));
  return stationaryHitValueUsd(steps, gainOf(stage), stage.candidateUsd);
}

/** l - g* with g* = max_m (E q(m) l - c m) / (1 + E q(m)), as printed: right for one and the same confidence at every step. */
function printedValue(stage: Stage): number {
  const l = gainOf(stage);
  const g = best((m) => {
    const q = meanOverSteps((ps) => hit(ps, m));
    return (q * l - stage.candidateUsd * m) / (1 + q);
  });
  return l - g;
}

function hit(probabilities: readonly number[], m: number): number {
  return 1 - probabilities.slice(0, m).reduce((product, p) => product * (1 - p), 1);
}

function best(value: (m: number) => number): number {
  return Math.max(...Array.from({ length: MOST + 1 }, (_, m) => value(m)));
}

function meanOverSteps(of: (probabilities: readonly number[]) => number): number {
  let sum = 0;
  for (let index = 0; index < GRID; index++) sum += of(ladder((index + 0.5) / GRID));
  return sum / GRID;
}

/** Long runs of Algorithm 1 in which each step launches as many guesses as are worth it at the value of a hit. */
export const stationaryValue = closedForm<Stage>({
  name: 'stationary-value',
  title:
    'value of a hit in the long run, random confidences: fixed point of l - E max{q Delta - c m}, not the printed g*',
  origin: 'corrected',
  form: fixedPoint,
  printed: printedValue,
  planted: {
    'l - g* as printed': printedValue,
    'the next window is free': gainOf,
  },
  simulate: (setting) =>
    [
      { actorSeconds: 4, guessSeconds: 1, lambda: 1, candidateUsd: 0.4 },
      { actorSeconds: 2, guessSeconds: 0.5, lambda: 2, candidateUsd: 0.8 },
    ].map((stage) => {
      const delta = fixedPoint(stage);
      const runs = times(40, setting);
      const { total } = simulate(steps(stage), {
        seed: setting.seed,
        runs,
        policy: worthTheirPrice(delta, stage.candidateUsd),
        beliefs: ORACLE,
        depth: 'block',
        maxDepth: 1,
      });
      const gain = stage.lambda * (runs * STEPS * stage.actorSeconds - total.seconds);
      const perStep = (gain - stage.candidateUsd * total.launched) / (runs * STEPS);
      return { label: `c ${stage.candidateUsd}`, parameters: stage, observed: gainOf(stage) - perStep };
    }),
});

/** P is what the guess adds to those before it. */
function worthTheirPrice(valueUsd: number, candidateUsd: number): LaunchPolicy {
  return { name: 'breadth', wants: ({ P }) => optimalBreadth([P], valueUsd, candidateUsd) === 1 };
}

function steps({ actorSeconds, guessSeconds }: Stage): Workload {
  const call = { latencySeconds: actorSeconds, inputUsd: 0, outputUsd: 0 };
  return {
    name: 'steps',
    draw: (_run, random) => ({
      operations: Array.from({ length: STEPS }, (_, index): OperationDraw => {
        const candidates = ladder(random()).map((p, rank) => ({ rank, right: random() < p, trueProbability: p }));
        return {
          name: 'step',
          after: index === 0 ? [] : [index - 1],
          call,
          drafts: [{ source: 'draft', latencySeconds: guessSeconds, inputUsd: 0, outputUsd: 0, candidates }],
          candidates: 'independent',
          declared: READS_ONLY,
          expected: { latencySeconds: [actorSeconds], cost: { kind: 'fixed', usd: 0 } },
        };
      }),
    }),
  };
}
