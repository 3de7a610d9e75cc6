import { credibleInterval, posterior } from '../../../speculation/estimate/beta-posterior';
import { randomStream } from '../../simulator/random-stream';
import { Comparison } from '../comparison';
import { experiment, times } from '../experiment';

type PosteriorRule = typeof posterior;

const UNIFORM = { mean: 0.5, strength: 2 };

/** Means that floats hold exactly, so that "exactly" can be asked for. */
const EXACT_PRIORS = [UNIFORM, { mean: 0.25, strength: 2 }, { mean: 0.75, strength: 4 }, { mean: 0.125, strength: 8 }];

/** Method 11, "posterior": the mean of Beta(a + s, b + f), to the last digit. */
export const posteriorMean = experiment<PosteriorRule>({
  name: 'posterior-mean',
  title: 'posterior mean equals (a + s) / (a + b + n), to the last digit',
  origin: 'method',
  tolerance: 0,
  subject: posterior,
  planted: {
    'mean off by one observation': (prior, outcomes) => {
      const { a, b } = posterior(prior, outcomes);
      return { a, b, mean: a / (a + b + 1) };
    },
    'prior forgotten': (_prior, { successes, failures }) => ({
      a: successes,
      b: failures,
      mean: successes / Math.max(1, successes + failures),
    }),
  },
  prepare: ({ seed }) => {
    const random = randomStream(seed, 'posterior-mean');
    const cases = EXACT_PRIORS.flatMap((prior) =>
      Array.from({ length: 500 }, () => ({
        prior,
        outcomes: { successes: Math.floor(random() * 400), failures: Math.floor(random() * 400) },
      })),
    );
    return (rule) => {
      const comparison = new Comparison(0, 'absolute');
      for (const { prior, outcomes } of cases) {
        const a = prior.strength * prior.mean;
        const b = prior.strength - a;
        const expected = (a + outcomes.successes) / (a + b + outcomes.successes + outcomes.failures);
        comparison.add('', expected, rule(prior, outcomes).mean);
      }
      const plotted = comparison.cases.slice(0, 300);
      return comparison.findings({
        x: '(a + s) / (a + b + n)',
        y: 'posterior mean',
        diagonal: true,
        series: [{ name: 'cases', mark: 'dot', points: plotted.map((each) => [each.expected, each.observed]) }],
      });
    };
  },
});

const SPREAD_TOLERANCE = 0.0006;
/** sqrt(p (1 - p) / n) at p = 0.7 from a Beta(1, 1), as method 11 prints it. */
const SPREADS: readonly [number, number][] = [
  [50, 0.063],
  [100, 0.045],
  [500, 0.02],
];
const P_OF_SPREAD = 0.7;

/** The same: how the posterior narrows. */
export const posteriorSpread = experiment<PosteriorRule>({
  name: 'posterior-spread',
  title: 'posterior standard deviation at p = 0.7 after 50 / 100 / 500 observations',
  origin: 'method',
  tolerance: SPREAD_TOLERANCE,
  subject: posterior,
  planted: {
    'every observation counted twice': (prior, { successes, failures }) =>
      posterior(prior, { successes: 2 * successes, failures: 2 * failures }),
    'prior worth twenty observations': (prior, outcomes) => posterior({ ...prior, strength: 20 }, outcomes),
  },
  prepare: (setting) => {
    const random = randomStream(setting.seed, 'posterior-spread');
    const seeds = times(400, setting);
    const samples = SPREADS.map(([n]) => Array.from({ length: seeds }, () => successesOf(n, P_OF_SPREAD, random)));
    return (rule) => {
      const comparison = new Comparison(SPREAD_TOLERANCE, 'absolute');
      for (const [index, [n, printed]] of SPREADS.entries()) {
        const spreads = (samples[index] ?? []).map((successes) => {
          const { a, b } = rule(UNIFORM, { successes, failures: n - successes });
          return Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1)));
        });
        comparison.add(`n ${n}`, printed, spreads.reduce((sum, spread) => sum + spread, 0) / spreads.length);
      }
      return comparison.findings({
        x: 'observations',
        y: 'standard deviation of P',
        logarithmic: 'both',
        series: [
          {
            name: 'sqrt(p (1 - p) / n)',
            mark: 'line',
            points: [25, 50, 100, 200, 500, 1000].map((n) => [n, Math.sqrt((P_OF_SPREAD * (1 - P_OF_SPREAD)) / n)]),
          },
          {
            name: 'posterior',
            mark: 'dot',
            points: comparison.cases.map(({ observed }, index) => [SPREADS[index]?.[0] ?? 0, observed]),
          },
        ],
      });
    };
  },
});

const COVERAGE_TOLERANCE = 0.02;
const MASS = 0.9;
const SEEDS = 2_000;
const NS = [50, 100, 500];

/** The same: how often the middle 90 % of the posterior hold the true p, at p = 0.7 and at p drawn from the prior. */
export const posteriorCoverage = experiment<PosteriorRule>({
  name: 'posterior-coverage',
  title: `90 % intervals hold the true p in 88 to 92 % of ${SEEDS} seeds, for p = 0.7 and for p drawn from the prior`,
  origin: 'method',
  tolerance: COVERAGE_TOLERANCE,
  subject: posterior,
  planted: {
    'every observation counted twice': (prior, { successes, failures }) =>
      posterior(prior, { successes: 2 * successes, failures: 2 * failures }),
    'one success too many in ten': (prior, { successes, failures }) =>
      posterior(prior, { successes: successes * 1.1, failures }),
  },
  prepare: (setting) => {
    const random = randomStream(setting.seed, 'posterior-coverage');
    // The intervals are what takes time; fewer seeds would make the tolerance meaningless.
    const trials = ['fixed', 'drawn'].flatMap((kind) =>
      NS.map((n) => ({
        kind,
        n,
        seeds: Array.from({ length: SEEDS }, () => {
          const p = kind === 'fixed' ? 0.7 : random();
          return { p, successes: successesOf(n, p, random) };
        }),
      })),
    );
    return (rule) => {
      const comparison = new Comparison(COVERAGE_TOLERANCE, 'absolute');
      for (const { kind, n, seeds } of trials) {
        const held = seeds.filter(({ p, successes }) => {
          const { low, high } = credibleInterval(rule(UNIFORM, { successes, failures: n - successes }), MASS);
          return low <= p && p <= high;
        });
        comparison.add(`${kind} p, n ${n}`, MASS, held.length / seeds.length);
      }
      return comparison.findings({
        x: 'observations',
        y: 'share of seeds whose interval holds p',
        series: ['fixed', 'drawn'].map((kind) => ({
          name: `${kind} p`,
          mark: 'line' as const,
          points: NS.map((n): [number, number] => [
            n,
            comparison.cases.find(({ label }) => label === `${kind} p, n ${n}`)?.observed ?? NaN,
          ]),
        })),
      });
    };
  },
});

function successesOf(n: number, p: number, random: () => number): number {
  let successes = 0;
  for (let draw = 0; draw < n; draw++) if (random() < p) successes += 1;
  return successes;
}
