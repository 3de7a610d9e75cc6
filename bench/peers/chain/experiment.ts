import { bootstrap } from '../../measure/bootstrap';
import { percentText } from '../../measure/comparison-figures';
import type { ExperimentOptions, ExperimentOutcome } from '../../measure/experiment';
import type { Interval, PolicyComparison } from '../../measure/policy-comparison';
import { costUsd, type Books } from '../../simulator/books';
import { compare, type Compared } from '../compare';
import { comparedPolicies, type ComparedPolicy } from '../compared-policy';
import { outcomeText } from '../outcome-text';
import { outcomeOf, type Bench, type PolicyOutcome } from '../simulated-units';
import { chainWorkload } from './workload';

/** A second is worth 3.6 dollars an hour: agents that nobody sits beside. At ten times as much every draft here is worth following. */
const LAMBDA_USD_PER_SECOND = 0.001;
const LAMBDAS = [0.0003, 0.001, 0.003, 0.01];
const MAX_DEPTH = 8;

/** DSP's public log, five tasks with the ReAct target: cited, its repository has no licence. Not measured here. */
const PUBLISHED = [
  ['11', '10', '0.400', '10.22', '9.36', '8.41 %', '+40.43 %', '+3.76 %'],
  ['12', '10', '0.500', '10.79', '10.64', '1.39 %', '+47.42 %', '+4.02 %'],
  ['13', '7', '0.571', '10.30', '9.14', '11.26 %', '+54.63 %', '+23.35 %'],
  ['14', '11', '0.364', '11.12', '10.13', '8.90 %', '+40.37 %', '+3.54 %'],
  ['15', '6', '0.500', '7.77', '6.41', '17.50 %', '+41.90 %', '+5.54 %'],
  ['mean', '8.8', '0.467', '10.04', '9.14', '9.5 %', '+45.0 %', '+8.0 %'],
];

/** One task under a policy, and without it. */
interface Pair {
  books: Books;
  plain: Books;
}

function pairsOf({ units }: PolicyOutcome, plain: PolicyOutcome): Pair[] {
  return units.map((books, index) => ({ books, plain: plain.units[index] ?? books }));
}

/** Seconds saved for each dollar more than the plain run; Infinity where it costs no more. */
function rateOf(pairs: readonly Pair[]): number {
  let seconds = 0;
  let usd = 0;
  for (const { books, plain } of pairs) {
    seconds += plain.seconds - books.seconds;
    usd += costUsd(books) - costUsd(plain);
  }
  return usd > 0 ? seconds / usd : Infinity;
}

/** The same, with its interval; null where nothing was launched or copied, so that there is no rate. */
export function secondsPerDollar(outcome: PolicyOutcome, plain: PolicyOutcome, seed: number): Interval | null {
  if (!doesAnything(outcome)) return null;
  return bootstrap(pairsOf(outcome, plain), rateOf, seed);
}

function doesAnything({ total }: PolicyOutcome): boolean {
  return total.launched > 0 || total.copies > 0;
}

/** What has to hold of this benchmark, one line for each that does not. */
export function problemsOf({ outcomes, plain, named }: Compared): string[] {
  const rate = (outcome: PolicyOutcome): number => (doesAnything(outcome) ? rateOf(pairsOf(outcome, plain)) : 0);
  const ours = rate(named('cost-aware'));
  const saves = named('cost-aware').total.seconds < plain.total.seconds;
  return [
    ...(saves ? [] : ['chain: cost-aware saves no time']),
    ...outcomes
      .filter(({ compared }) => /^(isp|dsp)(:|$)/.test(compared.name))
      .flatMap((outcome) => {
        const theirs = rate(outcome);
        if (ours > theirs) return [];
        const { name } = outcome.compared;
        return [`chain: ${name} saves ${theirs.toFixed(0)} s a dollar, cost-aware ${ours.toFixed(0)} s`];
      }),
  ];
}

export function benchOf(seed: number, runs: number): Bench {
  return {
    seed,
    runs,
    workloadFor: ({ name }) => chainWorkload(predictsDepth(name)),
    options: { maxDepth: MAX_DEPTH, knob: { lambdaUsdPerSecond: LAMBDA_USD_PER_SECOND } },
  };
}

/** DSP asks a model of its own how deep to go. */
function predictsDepth(name: string): boolean {
  return name.startsWith('dsp');
}

function policies(): ComparedPolicy[] {
  return comparedPolicies(['drafts', 'copies']).map((policy) => ({
    ...policy,
    knew: predictsDepth(policy.name) ? `${policy.knew}; each block waits for the predictor of its depth` : policy.knew,
  }));
}

/** H5 of peers.md: chains as Dynamic Speculative Planning has them. */
export function chainExperiment(options: ExperimentOptions): Promise<ExperimentOutcome> {
  const { seed, runs = 1_000, quick = false } = options;
  const units = quick ? Math.min(runs, 300) : runs;
  const compared = compare({ ...benchOf(seed, units), quick, policies: policies() });
  const { outcomes, plain } = compared;
  const comparison: PolicyComparison = {
    benchmark: 'chain',
    title: 'chains of model calls with a cheaper agent that drafts them',
    setting:
      `${units} tasks of 6 to 11 steps of 5 to 19 s, drafts of 1 to 3.7 s that are right in 36 to 57 % of a task's steps, ` +
      `GPT-4.1-mini prices, a predictor of depth takes 0.2 to 4.6 s a block, lambda ${LAMBDA_USD_PER_SECOND} dollars a second`,
    measuredOn: 'simulator',
    ...compared.figures,
    tables: [
      {
        title: 'seconds saved for each dollar more than sequential',
        columns: ['policy', 'saved s', 'more $', 's for each $', '95 % interval'],
        rows: outcomes.map((outcome) => efficiencyRow(outcome.compared.name, outcome, plain, seed)),
      },
      {
        title: 'the same for cost-aware where a second is worth something else',
        columns: ['lambda', 'saved s', 'more $', 's for each $', '95 % interval'],
        rows: LAMBDAS.map((lambdaUsdPerSecond) => {
          const costAware = compared.named('cost-aware').compared;
          const outcome = outcomeOf(benchOf(seed, units), costAware, { knob: { lambdaUsdPerSecond } });
          return efficiencyRow(`${lambdaUsdPerSecond} $/s`, outcome, plain, seed);
        }),
      },
      {
        title: 'for comparison, published by DSP (five tasks of its log, not measured here)',
        columns: ['task', 'steps', 'accuracy', 'sequential s', 'DSP s', 'saved', 'prompt tokens', 'generated tokens'],
        rows: PUBLISHED,
      },
    ],
    notes: compared.notes,
  };
  return Promise.resolve(outcomeText(comparison, problemsOf(compared)));
}

function efficiencyRow(label: string, outcome: PolicyOutcome, plain: PolicyOutcome, seed: number): string[] {
  const units = outcome.units.length;
  const usd = costUsd(outcome.total) / units;
  const plainUsd = costUsd(plain.total) / units;
  const rate = secondsPerDollar(outcome, plain, seed);
  return [
    label,
    ((plain.total.seconds - outcome.total.seconds) / units).toFixed(2),
    `${(usd - plainUsd).toFixed(5)} (${percentText(usd / plainUsd - 1)})`,
    rate === null ? '' : rate.value.toFixed(0),
    rate === null ? '' : `${rate.low.toFixed(0)} to ${rate.high.toFixed(0)}`,
  ];
}
