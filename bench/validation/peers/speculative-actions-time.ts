import { launchPolicy } from '../../../speculation/policies/by-name';
import { constant } from '../../simulator/distribution';
import { chain } from '../../simulator/pipeline';
import { simulate } from '../../simulator/simulate';
import { closedForm, type Simulated } from '../closed-form';
import { times, type Setting } from '../experiment';
import { tallied } from '../tally';
import { expectedHits, exponentialSteps, hitOfAny, type ExponentialSteps } from './windows';

/** Algorithm 1: only what was not launched is guessed at, so a step after a hit has no window. */
const ALGORITHM_1 = { policy: launchPolicy('speculative-actions:k=3'), depth: 'block', maxDepth: 1 } as const;
const GUESS_SECONDS = 0.3;

interface Steps {
  steps: number;
  p: number;
  k: number;
}

/** Hits and time are observed in the same runs. */
const deterministicRuns = memoized((setting: Setting) => {
  const cases: Steps[] = [
    { steps: 10, p: 0.3, k: 1 },
    { steps: 50, p: 0.6, k: 1 },
    { steps: 50, p: 0.4, k: 3 },
    { steps: 51, p: 0.9, k: 1 },
  ];
  return cases.map((parameters) => {
    const { steps, p, k } = parameters;
    const workload = chain('steps', steps, {
      name: 'step',
      latency: constant(1),
      draft: {
        latency: constant(GUESS_SECONDS),
        candidates: 'independent',
        hitProbabilities: Array.from({ length: k }, () => p),
      },
    });
    // Short runs have few hits each.
    const runs = times((steps < 20 ? 150_000 : 60_000) / steps, setting);
    const { total } = simulate(workload, { seed: setting.seed, runs, ...ALGORITHM_1 });
    return {
      label: `T ${steps}, p ${p}, k ${k}`,
      parameters,
      hits: total.windows.numerator / runs,
      ratio: total.seconds / runs / steps,
    };
  });
});

function deterministicCases(setting: Setting, observe: 'hits' | 'ratio'): Simulated<Steps>[] {
  return deterministicRuns(setting).map((each) => ({ ...each, observed: each[observe] }));
}

export const hits = closedForm<Steps>({
  name: 'speculative-actions-hits',
  title: 'hits of Algorithm 1: S_n = p/(1+p) n + p^2/(1+p)^2 (1 - (-p)^n), and its recursion',
  origin: 'peer',
  form: ({ steps, p, k }) => {
    const closed = expectedHits(steps - 1, hitOfAny(p, k));
    const recursive = hitsByRecursion(steps - 1, hitOfAny(p, k));
    return Math.abs(closed - recursive) <= 1e-9 * closed ? closed : NaN;
  },
  planted: {
    'every step has a window': ({ steps, p, k }) => (steps - 1) * hitOfAny(p, k),
    'one guess whatever k is': ({ steps, p, k }) => expectedHits(steps - 1, k > 1 ? p : hitOfAny(p, k)),
  },
  simulate: (setting) => deterministicCases(setting, 'hits'),
});

/** S_n = p (1 + S_(n-2)) + (1 - p) S_(n-1). */
function hitsByRecursion(n: number, p: number): number {
  let before = 0;
  let last = 0;
  for (let index = 1; index <= n; index++) {
    const next = p * (1 + before) + (1 - p) * last;
    before = last;
    last = next;
  }
  return last;
}

export const deterministicTime = closedForm<Steps>({
  name: 'speculative-actions-deterministic',
  title: 'time of Algorithm 1 with fixed latencies a > b: 1 - (S_(T-1)/T) (1 - b/a) of the plain time',
  origin: 'peer',
  form: ({ steps, p, k }) => 1 - (expectedHits(steps - 1, hitOfAny(p, k)) / steps) * (1 - GUESS_SECONDS),
  planted: {
    'the guess takes no time': ({ steps, p, k }) => 1 - expectedHits(steps - 1, hitOfAny(p, k)) / steps,
    'every step has a window': ({ steps, p, k }) => 1 - (((steps - 1) * hitOfAny(p, k)) / steps) * (1 - GUESS_SECONDS),
  },
  simulate: (setting) => deterministicCases(setting, 'ratio'),
});

const EXPONENTIAL: ExponentialSteps[] = [
  { steps: 50, alpha: 1, p: 0.5, k: 1, guesses: 'independent' },
  { steps: 50, alpha: 4, p: 0.8, k: 1, guesses: 'independent' },
  { steps: 50, alpha: 4, p: 0.4, k: 3, guesses: 'independent' },
  { steps: 30, alpha: 15, p: 0.3, k: 1, guesses: 'independent' },
];

const share = ({ steps, alpha, p, k }: ExponentialSteps): number =>
  (expectedHits(steps - 1, hitOfAny(p, k)) / steps) * (alpha / (alpha + 1));
const printedRatio = (steps: ExponentialSteps): number => 1 - share(steps);
const correctedRatio = (steps: ExponentialSteps): number => 1 - share(steps) / 2;

/** Both experiments on Proposition 1 look at the same runs. */
const ratiosOf = memoized((setting: Setting): Simulated<ExponentialSteps>[] =>
  EXPONENTIAL.map((parameters) => {
    const tally = tallied(exponentialSteps(parameters));
    const runs = times(50_000 / parameters.steps, setting);
    const { total } = simulate(tally.workload, { seed: setting.seed, runs, ...ALGORITHM_1 });
    const { alpha, p, k } = parameters;
    return { label: `alpha ${alpha}, p ${p}, k ${k}`, parameters, observed: total.seconds / tally.seconds() };
  }),
);

export const exponentialTime = closedForm<ExponentialSteps>({
  name: 'speculative-actions-exponential',
  title:
    'time of Algorithm 1 with random latencies: 1 - (1/2) (S_(T-1)/T) alpha/(alpha+beta), Proposition 1 as corrected',
  origin: 'corrected',
  form: correctedRatio,
  printed: printedRatio,
  planted: {
    'Proposition 1 as printed': printedRatio,
    'a third instead of a half': (steps) => 1 - share(steps) / 3,
  },
  simulate: ratiosOf,
  plot: (form, cases) => ({
    x: 'time as printed, share of the plain time',
    y: 'time, share of the plain time',
    diagonal: true,
    series: [
      {
        name: 'corrected',
        mark: 'line',
        points: cases
          .map(({ parameters }): [number, number] => [printedRatio(parameters), form(parameters)])
          .sort((left, right) => left[0] - right[0]),
      },
      { name: 'simulated', mark: 'dot', points: cases.map((each) => [printedRatio(each.parameters), each.observed]) },
    ],
  }),
});

/** How much of what a form promises the algorithm delivers: the printed form promises twice as much. */
export const printedPromise = closedForm<ExponentialSteps>({
  name: 'speculative-actions-promise',
  title: 'Proposition 1 as printed promises twice the saving that Algorithm 1 delivers (within 5 %)',
  origin: 'corrected',
  tolerance: 0.05,
  form: (steps) => (1 - printedRatio(steps)) / 2,
  planted: {
    'the printed saving is delivered': (steps) => 1 - printedRatio(steps),
  },
  simulate: (setting) => ratiosOf(setting).map((each) => ({ ...each, observed: 1 - each.observed })),
});

/** Remembers the last answer. */
function memoized<T>(of: (setting: Setting) => T): (setting: Setting) => T {
  let last: { seed: number; effort: number; answer: T } | null = null;
  return (setting) => {
    if (last?.seed !== setting.seed || last.effort !== setting.effort) last = { ...setting, answer: of(setting) };
    return last.answer;
  };
}
