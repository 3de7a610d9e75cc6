import type { WorkflowBundleOption } from '@temporalio/worker';
import { nearestNames } from '../decision/nearest-names';
import { shownValue } from '../decision/shown-value';
import { agreement } from '../verification/agreement';
import { FAULT_NAMES, faultModel, type FaultModel, type FaultName } from '../verification/fault-models';
import type { Policy } from './policy-file';

/** Code of an activity, whatever its arguments. */
export type AnyActivity = (...args: never[]) => unknown;

/** A verifier that could be put behind an operation. */
export interface VerifierInput {
  operation: string;
  /** For people, such as the model that it asks. */
  verifier: string;
  /** Price of one verification, US dollars. */
  usd: number;
  /** Share of the operation's faults that it catches, 0 to 1. */
  catches: number;
}

/** Which pipeline is to be run with faults, and how its results are judged. */
export interface FaultExperimentInput {
  /** Workflow type. */
  pipeline: string;
  /** The worker of the experiment runs these workflows, as they are. */
  workflows: { workflowsPath: string } | { workflowBundle: WorkflowBundleOption };
  /** By activity type, the real ones. */
  activities: object;
  /** Says which activities only read. All others need a stand-in: the experiment must not change anything. */
  policy: Policy;
  /** What is called in place of activities that do more than read, such as one that says "sent". @default none */
  standIns?: Record<string, AnyActivity>;
  /** Arguments of the pipeline, one list or one value for each run. */
  inputs: readonly unknown[];
  /** Activity types to put faults into. @default all that the pipeline calls, but for stand-ins */
  operations?: readonly string[];
  /** @default swap, drop and truncate */
  faults?: readonly (FaultName | FaultModel)[];
  /**
   * What a result is worth, 0 to 1. `reference` is the result of the same input without a fault.
   *
   * @default how much of the reference it has kept: ROUGE-L of texts, equal leaves of JSON
   */
  score?: (result: unknown, context: { input: unknown; reference: unknown }) => number;
  /** Says of an output of the activity, in runs without faults, whether it is wrong by itself. @default nobody has counted it */
  isWrong?: Record<string, (output: unknown, ...args: unknown[]) => boolean>;
  /** For a placement. @default none are placed */
  verifiers?: readonly VerifierInput[];
  /** Most seconds that a run may take; one that takes longer is worth nothing. @default 120 */
  mostSeconds?: number;
}

/** The same, checked and complete. Made by `defineFaultExperiment`. */
export interface FaultExperiment extends Required<Omit<FaultExperimentInput, 'operations' | 'faults' | 'score'>> {
  /** Null for all that the pipeline calls. */
  operations: readonly string[] | null;
  faults: readonly FaultModel[];
  score: NonNullable<FaultExperimentInput['score']>;
}

/** An experiment that cannot be run. */
export class FaultExperimentError extends Error {
  readonly code = 'RUNAHEAD_FAULT_EXPERIMENT';
  override readonly name = 'FaultExperimentError';

  constructor(field: string, value: unknown, wayOut: string) {
    super(`fault experiment: ${field} is ${shownValue(value)}; ${wayOut}`);
  }
}

const DEFAULT_MOST_SECONDS = 120;

/**
 * Checks an experiment that puts faults into a pipeline (counterfactual fault injection, arXiv:2511.00330) and completes it; `runahead
 * faults FILE` runs what the file exports as `experiment`.
 *
 * @throws FaultExperimentError naming the field, its value and the way out
 */
export function defineFaultExperiment(input: FaultExperimentInput): FaultExperiment {
  const { activities, inputs, operations = null, standIns = {}, verifiers = [], isWrong = {} } = input;
  const mostSeconds = input.mostSeconds ?? DEFAULT_MOST_SECONDS;
  if (typeof input.pipeline !== 'string' || input.pipeline === '') {
    throw new FaultExperimentError('pipeline', input.pipeline, 'name the workflow type');
  }
  if (!Array.isArray(inputs) || inputs.length === 0) {
    throw new FaultExperimentError('inputs', inputs, 'give at least one input');
  }
  if (!(mostSeconds > 0)) throw new FaultExperimentError('mostSeconds', mostSeconds, 'use seconds above 0');
  const known = Object.keys(activities);
  const named = {
    operations: operations ?? [],
    standIns: Object.keys(standIns),
    isWrong: Object.keys(isWrong),
    verifiers: verifiers.map(({ operation }) => operation),
  };
  for (const [field, names] of Object.entries(named)) {
    for (const name of names) if (!known.includes(name)) throw unknownActivity(field, name, known);
  }
  for (const [index, { usd, catches }] of verifiers.entries()) {
    const field = `verifiers.${index}`;
    if (!(Number.isFinite(usd) && usd >= 0))
      throw new FaultExperimentError(`${field}.usd`, usd, 'use dollars of at least 0');
    if (!(catches >= 0 && catches <= 1)) {
      throw new FaultExperimentError(`${field}.catches`, catches, 'use a share from 0 to 1');
    }
  }
  return {
    ...input,
    operations,
    standIns,
    isWrong,
    verifiers,
    mostSeconds,
    faults: (input.faults ?? FAULT_NAMES).map(modelOf),
    score: input.score ?? ((result, { reference }) => agreement(reference, result)),
  };
}

function modelOf(fault: FaultName | FaultModel): FaultModel {
  if (typeof fault !== 'string') return fault;
  if (FAULT_NAMES.includes(fault)) return faultModel(fault);
  throw new FaultExperimentError('faults', fault, `use ${FAULT_NAMES.join(', ')}, or a fault of your own`);
}

function unknownActivity(field: string, name: string, known: readonly string[]): FaultExperimentError {
  const nearest = nearestNames(name, [...known]);
  return new FaultExperimentError(
    field,
    name,
    `there is no such activity${nearest === '' ? '' : `; did you mean ${nearest}?`}`,
  );
}
