import { calibrationError } from './estimate/calibration-error';
import { drift } from './estimate/drift';
import { posteriorCoverage, posteriorMean, posteriorSpread } from './estimate/posterior';
import { regret } from './estimate/regret';
import type { Experiment, ExperimentOutcome, Setting } from './experiment';
import { isp, speculativeDecoding } from './peers/blocks';
import { breadth } from './peers/optimal-breadth';
import { asyncLm, llmCompiler } from './peers/parallel-calls';
import { sherlockWaste, sherlockWindow } from './peers/sherlock';
import { extraCost } from './peers/speculative-actions-cost';
import { depthCost, depthTime } from './peers/speculative-actions-depth';
import { deterministicTime, exponentialTime, hits, printedPromise } from './peers/speculative-actions-time';
import { stationaryValue } from './peers/stationary-value';
import { memoryCap, memoryCost, nichols, spork } from './peers/tool-calls';
import { admissibleLaunches } from './rule/admissible-launches';
import { boundary } from './rule/boundary';
import { impliedLambdaAtBoundary, impliedLambdaOfChoices } from './rule/implied-lambda';
import { threshold } from './rule/probability-threshold';
import { selfLimit } from './rule/self-limit';
import { queues } from './simulator/queues';
import { commitBarrier } from './stream/commit-barrier';
import { midStreamCancel } from './stream/mid-stream-cancel';
import { streamingWaste } from './stream/streaming-waste';

/** In reading order: the method, the estimate, the simulator, the peers. */
export const SUITE: readonly Experiment[] = [
  boundary,
  threshold,
  selfLimit,
  impliedLambdaAtBoundary,
  impliedLambdaOfChoices,
  admissibleLaunches,
  streamingWaste,
  midStreamCancel,
  commitBarrier,
  posteriorMean,
  posteriorSpread,
  posteriorCoverage,
  calibrationError,
  regret,
  drift,
  queues,
  hits,
  deterministicTime,
  exponentialTime,
  printedPromise,
  extraCost,
  depthTime,
  depthCost,
  breadth,
  stationaryValue,
  nichols,
  spork,
  memoryCap,
  memoryCost,
  isp,
  speculativeDecoding,
  sherlockWindow,
  sherlockWaste,
  llmCompiler,
  asyncLm,
];

/** An experiment that there is not. */
export class UnknownExperimentError extends Error {
  readonly code = 'RUNAHEAD_UNKNOWN_EXPERIMENT';
  override readonly name = 'UnknownExperimentError';

  constructor(name: string) {
    super(
      `validate: there is no experiment ${JSON.stringify(name)}; there are: ${SUITE.map((each) => each.name).join(', ')}`,
    );
  }
}

/**
 * The experiments of these names, in the order of the suite.
 *
 * @param names @default all
 * @throws UnknownExperimentError
 */
export function chooseExperiments(names: readonly string[] | null): readonly Experiment[] {
  if (names === null) return SUITE;
  const unknown = names.find((name) => !SUITE.some((each) => each.name === name));
  if (unknown !== undefined) throw new UnknownExperimentError(unknown);
  return SUITE.filter(({ name }) => names.includes(name));
}

/** Runs them one after another. */
export function runSuite(experiments: readonly Experiment[], setting: Setting): ExperimentOutcome[] {
  return experiments.map((each) => each.run(setting));
}
