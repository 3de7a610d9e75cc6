import { always } from '../../../speculation/policies/always';
import { bootstrap } from '../../measure/bootstrap';
import type { Interval, Rate } from '../../measure/policy-comparison';
import { randomStream } from '../../simulator/random-stream';
import type { Workload } from '../../simulator/run-draw';
import { comparedPolicies, type ComparedPolicy } from '../compared-policy';
import { outcomeOf, type PolicyOutcome } from '../simulated-units';
import { lambdaForShare, launchBars } from './lambda-for-share';
import { throttled, type Allowance } from './throttled';
import { TARGETS, throttleWorkload } from './workload';

/** Learned from, never measured. */
const TRAINING_SEED = 1_000_003;

/** One policy at one throttle. */
export interface CurvePoint {
  throttle: number;
  allowance: Allowance;
  outcome: PolicyOutcome;
  /** Share of the time that the plain run waits for tools. */
  reduction: Interval;
  /** Targets whose call had been launched when it was asked for. */
  coverage: Rate;
  /** Launches, of the candidates that were offered. */
  launched: Rate;
}

/** Follows forecasts in the order in which their source gives them: what the published curve does, as far as it can be told. */
const IN_ORDER: ComparedPolicy = {
  name: 'in-order',
  policy: { ...always, name: 'in-order', priority: ({ rank }) => -rank },
  knew: 'ranks of forecasts',
};

/** Policies that have something to go by: forecasts with counts, from patterns that were mined before. */
export function throttlePolicies(): ComparedPolicy[] {
  return [...comparedPolicies(['mined', 'counts']), IN_ORDER];
}

export interface Curves {
  seed: number;
  runs: number;
  /** How much contexts differ in predictability, see the workload. */
  spread: readonly number[];
}

const bars = new WeakMap<readonly number[], readonly number[]>();

function barsOf(spread: readonly number[]): readonly number[] {
  let known = bars.get(spread);
  if (known === undefined) {
    known = launchBars(throttleWorkload(spread), TRAINING_SEED);
    bars.set(spread, known);
  }
  return known;
}

/** One policy at one throttle, on the same sessions as all others, with the allowance that is better for it. */
export function curvePoint(curves: Curves, compared: ComparedPolicy, throttle: number): CurvePoint {
  const even = pointWith(curves, compared, throttle, 'each-target');
  if (throttle === 0 || throttle === 1) return even;
  const saved = pointWith(curves, compared, throttle, 'saved-up');
  return saved.reduction.value > even.reduction.value ? saved : even;
}

function pointWith(curves: Curves, compared: ComparedPolicy, throttle: number, allowance: Allowance): CurvePoint {
  const { seed, runs, spread } = curves;
  const workload = throttleWorkload(spread);
  const lambda = compared.name === 'cost-aware' ? lambdaForShare(barsOf(spread), 1 - throttle) : undefined;
  const bench = { seed, runs, workloadFor: () => workload };
  const knob = lambda === undefined ? {} : { knob: { lambdaUsdPerSecond: lambda } };
  const policy = throttled(compared, throttle, allowance);
  const outcome = outcomeOf(bench, policy, knob);
  const stalls = stallSeconds(workload, seed, runs);
  const units = outcome.units.map(({ seconds }, index) => ({ seconds, ...(stalls[index] ?? NOTHING) }));
  return {
    throttle,
    allowance,
    outcome,
    reduction: bootstrap(units, reductionOf, seed),
    coverage: { numerator: outcome.total.claimed, denominator: runs * TARGETS },
    launched: policy.counts(),
  };
}

const NOTHING = { modelSeconds: 0, toolSeconds: 0 };

function reductionOf(units: readonly { seconds: number; modelSeconds: number; toolSeconds: number }[]): number {
  let waited = 0;
  let plain = 0;
  for (const { seconds, modelSeconds, toolSeconds } of units) {
    waited += seconds - modelSeconds;
    plain += toolSeconds;
  }
  return 1 - waited / plain;
}

/** What each session takes for its model and, in the plain run, for its tools. */
function stallSeconds(workload: Workload, seed: number, runs: number): { modelSeconds: number; toolSeconds: number }[] {
  return Array.from({ length: runs }, (_, run) => {
    const sums = { modelSeconds: 0, toolSeconds: 0 };
    for (const { name, call } of workload.draw(run, randomStream(seed, 'run', run)).operations) {
      sums[name === 'model' ? 'modelSeconds' : 'toolSeconds'] += call.latencySeconds;
    }
    return sums;
  });
}
