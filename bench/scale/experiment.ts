import { comparisonTable } from '../measure/comparison-table';
import type { ExperimentOptions, ExperimentOutcome } from '../measure/experiment';
import { measureScale, type ScaleMeasurement } from './measure-scale';
import { scalePlan } from './plan';
import { scaleComparison } from './scale-comparison';
import { simulateScale, type SimulatedLoad } from './simulated-scale';

/** What `runahead bench scale --report` writes. */
export interface ScaleReport extends ScaleMeasurement {
  simulated: SimulatedLoad[];
}

/**
 * What run-ahead does to throughput, latency and memory of a system: pipelines of two calls, plain, with speculation off and run ahead, with
 * more and more worker processes, on a real server; and what the simulator says for many times as many.
 */
export async function scaleExperiment({
  runs,
  seed,
  quick,
  server,
  say,
}: ExperimentOptions): Promise<ExperimentOutcome & { report: ScaleReport }> {
  const plan = scalePlan(quick === true, runs);
  const measured = await measureScale(server ?? {}, plan, say);
  say('simulating');
  const simulated = simulateScale(plan.full.atOnce * plan.simulatedTimes, seed);
  const comparison = scaleComparison(measured, simulated, plan, seed);
  const wrong = measured.settings
    .flatMap(({ rounds }) => rounds.flatMap((round) => Object.values(round)))
    .reduce((sum, batch) => sum + batch.wrong, 0);
  return {
    text: comparisonTable(comparison),
    report: { ...measured, simulated },
    comparisons: [comparison],
    problems: wrong === 0 ? [] : [`${wrong} pipelines had another result than the plain pipeline`],
  };
}
