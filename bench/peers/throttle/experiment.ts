import { intervalText, percentText, rateText } from '../../measure/comparison-figures';
import type { ExperimentOptions, ExperimentOutcome } from '../../measure/experiment';
import type { PolicyComparison } from '../../measure/policy-comparison';
import { leftOut, type ComparedPolicy } from '../compared-policy';
import { outcomeText } from '../outcome-text';
import { dialOf, pointOf, rowOf } from '../simulated-units';
import { curvePoint, throttlePolicies, type CurvePoint, type Curves } from './curve';
import { NO_SPREAD, PUBLISHED_CURVE, SPREAD, TARGETS, throttleWorkload } from './workload';

/** Rows, frontier and pictures are of this one; the curve has all of them. */
const SHOWN_THROTTLE = 0.75;
const ALPHAS = [0, 0.25, 0.5, 0.75, 1];

export type Curve = readonly CurvePoint[];

export function curveOf(curves: Curves, policy: string): Curve {
  const compared = namedPolicy(policy);
  return PUBLISHED_CURVE.map(({ throttle }) => curvePoint(curves, compared, throttle));
}

function namedPolicy(policy: string): ComparedPolicy {
  const compared = throttlePolicies().find(({ name }) => name === policy);
  if (compared === undefined) throw new RangeError(`throttle: there is no ${policy} among the policies`);
  return compared;
}

/** What has to hold of this benchmark, one line for each that does not. */
export function problemsOf(costAware: Curve, setting: string): string[] {
  return PUBLISHED_CURVE.flatMap(({ throttle, reduction }, index) => {
    const ours = costAware[index];
    if (ours === undefined) return [`throttle: ${setting}: nothing was measured at ${percentText(throttle)}`];
    const { numerator, denominator } = ours.launched;
    const share = numerator / Math.max(1, denominator);
    return [
      ...(throttle < 1 && ours.reduction.value <= reduction
        ? [
            `throttle: ${setting}: at ${percentText(throttle)} cost-aware reduces the stall by ` +
              `${percentText(ours.reduction.value)}, published are ${percentText(reduction)}`,
          ]
        : []),
      ...(share > 1 - throttle + 1e-9
        ? [`throttle: ${setting}: ${rateText(ours.launched)} were launched with ${percentText(throttle)} throttled`]
        : []),
    ];
  });
}

/** H7 of peers.md: what is left of the gain when speculative work is throttled. */
export function throttleExperiment(options: ExperimentOptions): Promise<ExperimentOutcome> {
  const { seed, runs = 300, quick = false, say } = options;
  const units = quick ? Math.min(runs, 60) : runs;
  const curves: Curves = { seed, runs: units, spread: SPREAD };
  const policies = throttlePolicies();
  const byPolicy = policies.map(({ name }) => {
    say(`throttle: ${name}`);
    return { name, curve: curveOf(curves, name) };
  });
  const alike = ['cost-aware', 'in-order', 'paste'].map((name) => ({
    name,
    curve: curveOf({ ...curves, spread: NO_SPREAD }, name),
  }));
  const costAware = byPolicy.find(({ name }) => name === 'cost-aware')?.curve ?? [];
  const shown = byPolicy.flatMap(({ curve }) => curve.filter(({ throttle }) => throttle === SHOWN_THROTTLE));
  const plain = shown[0]?.outcome;
  if (plain === undefined) throw new RangeError('throttle: nothing was compared');
  const outcomes = shown.map(({ outcome }) => outcome);
  const bench = { seed, runs: units, workloadFor: () => throttleWorkload(SPREAD) };
  const comparison: PolicyComparison = {
    benchmark: 'throttle',
    title: 'what is left of the gain when speculative work is throttled',
    setting:
      `${units} sessions of ${TARGETS} tool calls of 0.44 s on average, five mined candidates for each while the model writes; ` +
      'exact coverage as published for PASTE by a reproduction: best of one 19.3 %, of three 43.2 %, of five 55.7 %; ' +
      `rows with ${percentText(SHOWN_THROTTLE)} throttled`,
    measuredOn: 'simulator',
    rows: outcomes.map((outcome) => rowOf(outcome, plain, seed)),
    frontier: {
      points: outcomes.map(pointOf),
      dial: dialOf({ ...bench, options: { knob: { lambdaUsdPerSecond: 0.001 } } }, namedPolicy('cost-aware'), ALPHAS),
    },
    timelines: outcomes.map(({ compared, bars }) => ({ policy: compared.name, bars })),
    tables: [
      curveTable('stall reduction at each throttle', byPolicy),
      curveTable('the same where all contexts are equally predictable', alike),
      {
        title: 'at each throttle: exact coverage of targets, and launches of the candidates that were offered',
        columns: ['policy', ...throttles()],
        rows: [
          ['PASTE, published', ...PUBLISHED_CURVE.map(({ coverage }) => percentText(coverage))],
          ...byPolicy.map(({ name, curve }) => [
            name,
            ...curve.map(({ coverage, launched }) => `${rateText(coverage)}, ${rateText(launched)}`),
          ]),
        ],
      },
    ],
    notes: [
      'Each policy has what the throttle leaves either evenly, so many for each target, or saved up: whichever is better for it.',
      'cost-aware has for each throttle the value of a second at which it launched just that share in 60 other sessions.',
      'How much contexts differ is an assumption; with none of it the second table holds.',
      `Nothing to go by here: ${leftOut(policies).join(', ')}.`,
    ],
  };
  const problems = [
    ...problemsOf(costAware, 'contexts that differ'),
    // Closer to the curve than few sessions can tell.
    ...(quick ? [] : problemsOf(alike[0]?.curve ?? [], 'contexts alike')),
  ];
  return Promise.resolve(outcomeText(comparison, problems));
}

function throttles(): string[] {
  return PUBLISHED_CURVE.map(({ throttle }) => percentText(throttle));
}

function curveTable(
  title: string,
  curves: readonly { name: string; curve: Curve }[],
): {
  title: string;
  columns: string[];
  rows: string[][];
} {
  return {
    title,
    columns: ['policy', ...throttles()],
    rows: [
      ['PASTE, published', ...PUBLISHED_CURVE.map(({ reduction }) => percentText(reduction))],
      ...curves.map(({ name, curve }) => [
        name,
        ...curve.map(({ reduction }) => `${percentText(reduction.value)} (${intervalText(reduction)})`),
      ]),
    ],
  };
}
