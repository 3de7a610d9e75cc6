import { costUsd } from '../../simulator/books';
import type { ExperimentOptions, ExperimentOutcome } from '../../measure/experiment';
import type { PolicyComparison } from '../../measure/policy-comparison';
import { percentText } from '../../measure/comparison-figures';
import { comparedPolicies } from '../compared-policy';
import { compare, type Compared } from '../compare';
import { outcomeText } from '../outcome-text';
import type { Bench } from '../simulated-units';
import { arrivals, HIT_RATES, noGoWorkload, PROVIDER_SLOTS } from './workload';

const LEAST_WAITS = 0.95;
const MOST_OVERHEAD = 0.01;

/** Edges that waited: neither was a draft asked for nor anything launched. */
export function waits({ total, units }: Compared['outcomes'][number]): { numerator: number; denominator: number } {
  const edges = units.length * HIT_RATES.length;
  return { numerator: edges - Math.max(total.drafts, total.launched), denominator: edges };
}

/** What has to hold of this benchmark, one line for each that does not. */
export function problemsOf({ plain, named }: Compared): string[] {
  const costAware = named('cost-aware');
  const always = named('always');
  const { numerator, denominator } = waits(costAware);
  const seconds = costAware.total.seconds / plain.total.seconds - 1;
  const usd = costUsd(costAware.total) / costUsd(plain.total) - 1;
  return [
    ...(numerator >= LEAST_WAITS * denominator
      ? []
      : [`no-go: cost-aware waits on ${numerator} of ${denominator} edges, fewer than 95 %`]),
    ...(Math.abs(seconds) <= MOST_OVERHEAD
      ? []
      : [`no-go: cost-aware takes ${percentText(seconds)} more than sequential, learning included`]),
    ...(usd <= MOST_OVERHEAD
      ? []
      : [`no-go: cost-aware pays ${percentText(usd)} more than sequential, learning included`]),
    ...(always.total.seconds > plain.total.seconds ? [] : ['no-go: always is not slower than sequential']),
  ];
}

export function noGoBench(seed: number, runs: number): Bench {
  return {
    seed,
    runs,
    workloadFor: noGoWorkload,
    options: { pools: { provider: { slots: PROVIDER_SLOTS } }, arrivals: arrivals(seed, runs) },
  };
}

/** H4 of peers.md: where running ahead does not pay. */
export function noGoExperiment(options: ExperimentOptions): Promise<ExperimentOutcome> {
  const { seed, runs = 2_000, quick = false } = options;
  const bench = noGoBench(seed, quick ? Math.min(runs, 1_500) : runs);
  const compared = compare({ ...bench, quick, policies: comparedPolicies(['drafts', 'copies']) });
  const comparison: PolicyComparison = {
    benchmark: 'no-go',
    title: 'where running ahead does not pay',
    setting:
      `${compared.plain.units.length} runs of 5 turns: model 20 to 30 s, tool 1 to 9 s, forecaster 11 s with hit rates of 10 to 20 %, ` +
      `provider with ${PROVIDER_SLOTS} model calls at a time; GPT-4.1-mini prices, lambda 0.01 dollars a second`,
    measuredOn: 'simulator',
    ...compared.figures,
    tables: [
      {
        title: 'edges that waited: no draft asked for, nothing launched',
        columns: ['policy', 'waited', 'drafts asked', 'launched'],
        rows: compared.outcomes.map((outcome) => {
          const { numerator, denominator } = waits(outcome);
          const share = percentText(numerator / denominator);
          const { drafts, launched } = outcome.total;
          return [outcome.compared.name, `${numerator}/${denominator} (${share})`, String(drafts), String(launched)];
        }),
      },
    ],
    notes: [...compared.notes, 'cost-aware starts from the prior: what it asks for while it learns is in its row.'],
  };
  return Promise.resolve(outcomeText(comparison, problemsOf(compared)));
}
