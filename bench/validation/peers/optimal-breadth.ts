import { breadthValueUsd, optimalBreadth } from '../../../speculation/decision/optimal-breadth';
import { always } from '../../../speculation/policies/always';
import { constant } from '../../simulator/distribution';
import { pipeline } from '../../simulator/pipeline';
import { simulate } from '../../simulator/simulate';
import { ONE_PERCENT } from '../closed-form';
import { Comparison } from '../comparison';
import { experiment, times } from '../experiment';
import { evenOverRuns } from '../luck';

interface Step {
  probabilities: number[];
  /** Price of each candidate, with a hit worth a dollar. */
  candidateUsd: number;
}

const STEPS: Step[] = [
  { probabilities: [0.5, 0.3, 0.2, 0.1], candidateUsd: 0.1 },
  { probabilities: [0.5, 0.3, 0.2, 0.1], candidateUsd: 0.2 },
  { probabilities: [0.9, 0.6, 0.5, 0.4], candidateUsd: 0.05 },
  { probabilities: [0.3, 0.3, 0.3, 0.3], candidateUsd: 0.12 },
  { probabilities: [0.15, 0.1, 0.05, 0.02], candidateUsd: 0.2 },
];

type Chooser = (probabilities: readonly number[], L: number, C: number) => number;

/**
 * Breadth of one step (peers 5.2): how many independent guesses to launch. Every breadth is simulated; the chosen one has to be the best,
 * and q(m) L - m c has to be what it is worth.
 */
export const breadth = experiment<Chooser>({
  name: 'optimal-breadth',
  title: 'the breadth m that is chosen is the best of all that are simulated, and worth q(m) L - m c',
  origin: 'peer',
  tolerance: ONE_PERCENT,
  subject: optimalBreadth,
  planted: {
    'always one guess': () => 1,
    'what others cover is forgotten': (probabilities, L, C) => probabilities.filter((p) => p * L >= C).length,
  },
  prepare: (setting) => {
    const observed = STEPS.map((step) =>
      Array.from({ length: step.probabilities.length + 1 }, (_, m) => valueOf(step, m, setting)),
    );
    return (choose) => {
      const comparison = new Comparison(ONE_PERCENT, 'absolute');
      for (const [index, { probabilities, candidateUsd }] of STEPS.entries()) {
        const values = observed[index] ?? [];
        for (const [m, value] of values.entries()) {
          comparison.add(`m ${m}`, breadthValueUsd(probabilities, m, 1, candidateUsd), value);
        }
        comparison.law(values.indexOf(Math.max(...values)) === choose(probabilities, 1, candidateUsd));
      }
      return comparison.findings({
        x: 'guesses launched',
        y: 'worth, dollars',
        series: STEPS.map(({ candidateUsd }, index) => ({
          name: `step ${index + 1}, c ${candidateUsd}`,
          mark: 'line' as const,
          points: (observed[index] ?? []).map((value, m): [number, number] => [m, value]),
        })),
      });
    };
  },
});

/** A hit saves one second, which is worth a dollar. */
function valueOf({ probabilities, candidateUsd }: Step, m: number, setting: { seed: number; effort: number }): number {
  if (m === 0) return 0;
  const runs = times(4_000, setting);
  const workload = pipeline('one step', [
    {
      name: 'actor',
      latency: constant(2),
      draft: {
        latency: constant(1),
        candidates: 'independent',
        // All four are drawn, so that every breadth sees the same luck.
        hitProbabilities: probabilities,
      },
    },
    { name: 'next', latency: constant(5) },
  ]);
  const narrowed = {
    name: workload.name,
    draw: (...of: Parameters<typeof workload.draw>) => {
      const { operations } = workload.draw(...of);
      return {
        operations: operations.map((operation) => ({
          ...operation,
          drafts: operation.drafts.map((draft) => ({ ...draft, candidates: draft.candidates.slice(0, m) })),
        })),
      };
    },
  };
  const { total } = simulate(evenOverRuns(narrowed), { seed: setting.seed, runs, policy: always });
  return (total.windows.numerator - candidateUsd * m * runs) / runs;
}
