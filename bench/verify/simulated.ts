import type { Knob } from '../../speculation/decision/knob';
import { launchPolicy } from '../../speculation/policies/by-name';
import { costAware } from '../../speculation/policies/cost-aware';
import { dollars } from '../../client/tables/figures';
import { intervalText, percentText } from '../measure/comparison-figures';
import type { PolicyComparison, PolicyRow } from '../measure/policy-comparison';
import { compare } from '../peers/compare';
import { comparedPolicies, type ComparedPolicy } from '../peers/compared-policy';
import { outcomeOf, rowOf, type Bench, type PolicyOutcome } from '../peers/simulated-units';
import { verifiedGraph, verifiedWorkload } from './verified-graph';

/** Settings are chosen on other graphs and other runs than those that are compared. */
const OTHER = 1_000_003;
const ALPHAS = [0, 0.5, 1];
/** From half to sixteen times the default of the knob, each about 1.4 times the one before. */
const LAMBDAS_USD_PER_SECOND = [0.005, 0.007, 0.01, 0.014, 0.02, 0.028, 0.04, 0.057, 0.08, 0.113, 0.16];
/** Of what Sherlock wastes on the other graphs. */
const MOST_WASTE = 0.98;
/** As deep as a graph with its verifiers. */
const MOST_DEPTH = 20;

type Setting = Pick<Knob, 'alpha' | 'lambdaUsdPerSecond'>;

/** All policies on the same graphs, and the setting of the dial that wastes less than Sherlock. */
export function simulatedComparison(
  { graphs, runs }: { graphs: number; runs: number },
  seed: number,
): { comparison: PolicyComparison; problems: string[] } {
  const bench = benchOn(graphs, runs, seed);
  const compared = compare({ ...bench, policies: [...comparedPolicies(['verifier']), BOUNDED_SHERLOCK] });
  const sherlock = rowOf(compared.named('sherlock'), compared.plain, seed);
  const setting = fastestWithLessWaste(benchOn(graphs, runs, seed + OTHER), compared.named('sherlock').compared);
  const matched = matchedRow(bench, compared.plain, setting);
  const { rows, ...pictures } = compared.figures;
  return {
    problems: problemsOf(sherlock, matched),
    comparison: {
      benchmark: 'verify',
      title: 'going on behind verifiers while they check (Sherlock-like graphs)',
      setting:
        `${graphs} graphs of five to nine nodes, each node verified: match rates 0.6 to 0.8, for tools 0.10 to 0.13, verifiers up to 28.9 ` +
        `times as slow as their node (ranges of arXiv:2511.00330; what is drawn from them, and the graphs, are ours). Nodes at the price of ` +
        `an A100, verifiers at 1.84 times that. That a verifier agrees is forecast for nothing. ${runs} runs`,
      measuredOn: 'simulator',
      rows: [...rows, matched],
      ...pictures,
      notes: [
        ...compared.notes,
        `Published: up to 48.7 % of the time saved against waiting for each verifier. Sherlock here: ${inWords(sherlock)}.`,
        `${matched.label}, the fastest that wasted at most 98 % of it on other graphs: ${inWords(matched)}.`,
        'The window of the sherlock row takes what can begin within the time of the verifier (see its file); always has no window at all.',
      ],
    },
  };
}

function benchOn(graphs: number, runs: number, seed: number): Bench {
  const workload = verifiedWorkload(Array.from({ length: graphs }, (_, number) => verifiedGraph(seed, number)));
  return { workloadFor: () => workload, runs, seed, options: { maxDepth: MOST_DEPTH } };
}

const BOUNDED_SHERLOCK: ComparedPolicy = {
  name: 'sherlock:budget=0.005',
  policy: launchPolicy('sherlock:budget=0.005'),
  knew: 'match rates of verifiers, durations and prices; at most half a cent of expected waste a chain',
};

/** The fastest of those that waste less; the most careful one where none does. */
function fastestWithLessWaste(bench: Bench, sherlock: ComparedPolicy): Setting {
  const most = MOST_WASTE * outcomeOf(bench, sherlock).total.wasteUsd;
  const settings = ALPHAS.flatMap((alpha) =>
    LAMBDAS_USD_PER_SECOND.map((lambdaUsdPerSecond): Setting => ({ alpha, lambdaUsdPerSecond })),
  );
  const fitting = settings
    .map((setting) => ({ setting, total: costAwareAt(bench, setting).total }))
    .filter(({ total }) => total.wasteUsd <= most)
    .sort((left, right) => left.total.seconds - right.total.seconds);
  return fitting[0]?.setting ?? { alpha: 0, lambdaUsdPerSecond: Math.min(...LAMBDAS_USD_PER_SECOND) };
}

function matchedRow(bench: Bench, plain: PolicyOutcome, setting: Setting): PolicyRow {
  const row = rowOf(costAwareAt(bench, setting), plain, bench.seed);
  return { ...row, label: `cost-aware, alpha ${setting.alpha}, lambda ${setting.lambdaUsdPerSecond}` };
}

function costAwareAt(bench: Bench, knob: Setting): PolicyOutcome {
  const knew = 'as cost-aware; alpha and lambda chosen on other graphs, to waste less than sherlock';
  return outcomeOf(bench, { name: 'cost-aware', policy: costAware, knew }, { ...bench.options, knob });
}

function inWords({ saved, wasteUsd }: PolicyRow): string {
  return `${percentText(saved.value)} saved (${intervalText(saved)}) for ${dollars(wasteUsd)} of waste a run`;
}

function problemsOf(sherlock: PolicyRow, matched: PolicyRow): string[] {
  return [
    ...(matched.saved.value < sherlock.saved.low
      ? [
          `verify: cost-aware saves ${percentText(matched.saved.value)}, less than sherlock (${intervalText(sherlock.saved)})`,
        ]
      : []),
    ...(Number(matched.wasteUsd) >= Number(sherlock.wasteUsd)
      ? [
          `verify: cost-aware wastes ${dollars(matched.wasteUsd)} a run, not less than sherlock (${dollars(sherlock.wasteUsd)})`,
        ]
      : []),
  ];
}
