import { percentText, rateText } from '../../measure/comparison-figures';
import type { ExperimentOptions, ExperimentOutcome } from '../../measure/experiment';
import type { PolicyComparison } from '../../measure/policy-comparison';
import { costUsd } from '../../simulator/books';
import { DEFAULT_KNOB } from '../../../speculation/decision/knob';
import { compare, type Compared } from '../compare';
import { comparedPolicies, type ComparedPolicy } from '../compared-policy';
import { outcomeText } from '../outcome-text';
import { outcomeOf, type Bench, type PolicyOutcome } from '../simulated-units';
import { SHAPES, type StreamShape } from './shapes';
import { streamWorkload } from './workload';

/** Of one call: a search or a small model. Published is none. */
const PRICE_USD = 0.001;
const PRICES_USD = [0.0002, 0.001, 0.005];
const MOST_WASTE_SHARE = 0.5;
const LEAST_SAVED_SHARE = 0.9;

/** One shape under the policies that are set side by side, at one price of a call. */
export interface ShapeOutcome {
  shape: StreamShape;
  plain: PolicyOutcome;
  always: PolicyOutcome;
  costAware: PolicyOutcome;
}

/** Dollars of a unit, with what its time is worth. */
export function valuedUsd({ total, units }: PolicyOutcome): number {
  return (costUsd(total) + DEFAULT_KNOB.lambdaUsdPerSecond * total.seconds) / units.length;
}

/** What has to hold of one shape at the price of the table, one line for each that does not. */
export function problemsOf({ shape, plain, always, costAware }: ShapeOutcome): string[] {
  const name = `stream-waste: ${shape.name}`;
  if (always.total.wasteUsd > 0) {
    const share = costAware.total.wasteUsd / always.total.wasteUsd;
    const valued = [costAware, always, plain].map(valuedUsd) as [number, number, number];
    return [
      ...(share <= MOST_WASTE_SHARE ? [] : [`${name}: cost-aware wastes ${percentText(share)} of what always wastes`]),
      ...(valued[0] < valued[1] ? [] : [`${name}: bill and time together, cost-aware is no better than always`]),
      ...(valued[0] < valued[2] ? [] : [`${name}: bill and time together, cost-aware is no better than sequential`]),
    ];
  }
  const saved = (plain.total.seconds - costAware.total.seconds) / (plain.total.seconds - always.total.seconds);
  return saved >= LEAST_SAVED_SHARE ? [] : [`${name}: cost-aware saves ${percentText(saved)} of what always saves`];
}

function benchOf(shape: StreamShape, priceUsd: number, seed: number, runs: number): Bench {
  return { seed, runs, workloadFor: () => streamWorkload(shape, priceUsd), options: { maxDepth: Infinity } };
}

export function shapeOutcome(shape: StreamShape, priceUsd: number, seed: number, runs: number): ShapeOutcome {
  const policies = comparedPolicies([]);
  const under = (policy: string): PolicyOutcome => {
    const compared = policies.find(({ name }) => name === policy);
    if (compared === undefined) throw new RangeError(`stream-waste: there is no ${policy}`);
    return outcomeOf(benchOf(shape, priceUsd, seed, runs), compared);
  };
  return { shape, plain: under('sequential'), always: under('always'), costAware: under('cost-aware') };
}

function compareEarlyBreak(seed: number, runs: number, quick: boolean): Compared {
  const [earlyBreak] = SHAPES as [StreamShape, ...StreamShape[]];
  return compare({ ...benchOf(earlyBreak, PRICE_USD, seed, runs), quick, policies: policies() });
}

function policies(): ComparedPolicy[] {
  return comparedPolicies(['stream', 'drafts']);
}

/** H8 of peers.md: programs whose calls start while they are written, priced. */
export function streamWasteExperiment(options: ExperimentOptions): Promise<ExperimentOutcome> {
  const { seed, runs = 500, quick = false } = options;
  const units = quick ? Math.min(runs, 200) : runs;
  const compared = compareEarlyBreak(seed, units, quick);
  const byPrice = PRICES_USD.map((priceUsd) => ({
    priceUsd,
    outcomes: SHAPES.map((shape) => shapeOutcome(shape, priceUsd, seed, units)),
  }));
  const atPrice = byPrice.find(({ priceUsd }) => priceUsd === PRICE_USD)?.outcomes ?? [];
  const comparison: PolicyComparison = {
    benchmark: 'stream-waste',
    title: 'calls of a program that start while it is written, and a loop that ends early',
    setting:
      `${units} runs of spec-ptc's pattern early_break: ten calls in the text, of which a plain run makes three; ` +
      `a call costs ${PRICE_USD} dollars (ours; nothing is priced there), lambda ${DEFAULT_KNOB.lambdaUsdPerSecond} dollars a second`,
    measuredOn: 'simulator',
    ...compared.figures,
    tables: [
      {
        title: `every pattern, at ${PRICE_USD} dollars a call; a unit's seconds, waste, and dollars with time at its value`,
        columns: [
          'pattern',
          'plain s',
          'always s',
          'ours s',
          'always waste $',
          'ours waste $',
          'plain $+t',
          'always $+t',
          'ours $+t',
        ],
        rows: atPrice.map(shapeRow),
      },
      {
        title: 'waste in dollars of a unit at other prices of a call: always / cost-aware',
        columns: ['pattern', ...PRICES_USD.map((price) => `${price} $`)],
        rows: SHAPES.map(({ name }, index) => [
          name,
          ...byPrice.map(({ outcomes }) => {
            const outcome = outcomes[index];
            return outcome === undefined ? '' : `${wasteText(outcome.always)} / ${wasteText(outcome.costAware)}`;
          }),
        ]),
      },
      {
        title: 'always as spec-ptc, all runs alike: simulated, and as published there (cited)',
        columns: ['pattern', 'plain s', 'published', 'ahead s', 'published', 'claimed of launched', 'published'],
        rows: SHAPES.map(asPublished),
      },
    ],
    notes: [
      'A launch in a loop rests on each call before it going on: its probability falls with every one, and is learned.',
      'Beyond a price at which a call costs more than the time that it saves, the rule waits even for what is nearly certain: at alpha below 1 it asks for a margin on the price.',
      ...compared.notes,
    ],
  };
  return Promise.resolve(outcomeText(comparison, atPrice.flatMap(problemsOf)));
}

function shapeRow({ shape, plain, always, costAware }: ShapeOutcome): string[] {
  const seconds = ({ total, units }: PolicyOutcome): string => (total.seconds / units.length).toFixed(2);
  return [
    shape.name,
    ...[plain, always, costAware].map(seconds),
    ...[always, costAware].map(wasteText),
    ...[plain, always, costAware].map((outcome) => valuedUsd(outcome).toFixed(4)),
  ];
}

function wasteText({ total, units }: PolicyOutcome): string {
  return (total.wasteUsd / units.length).toFixed(5);
}

function asPublished(shape: StreamShape): string[] {
  const exact = {
    seed: 1,
    runs: 1,
    workloadFor: () => streamWorkload(shape, PRICE_USD, false),
    options: { maxDepth: Infinity },
  };
  const [plain, always] = ['sequential', 'always'].map((name) =>
    comparedPolicies([])
      .filter((policy) => policy.name === name)
      .map((policy) => outcomeOf(exact, policy)),
  );
  const { plainSeconds, seconds, hits, dispatched } = shape.published;
  return [
    shape.name,
    plain?.[0]?.total.seconds.toFixed(2) ?? '',
    plainSeconds.toFixed(2),
    always?.[0]?.total.seconds.toFixed(2) ?? '',
    seconds.toFixed(2),
    always?.[0] === undefined ? '' : rateText(always[0].launches),
    rateText({ numerator: hits, denominator: dispatched }),
  ];
}
