import { parseBudgetState } from '../budget/parse-budget-state';
import { DEFAULT_KNOB, InvalidKnobError, parseKnobChange } from '../decision/knob';
import { noBucketOutcomes } from './bucket-outcomes';
import { carriedCalibrationSettings, InvalidCalibrationError } from './calibration-change';
import { knowEdge, noCalibration, type CalibrationState } from './calibration-state';
import type { ControlState } from './control-state';

/** A carried-over control state that this code cannot continue. */
export class InvalidControlStateError extends Error {
  readonly code = 'RUNAHEAD_INVALID_CONTROL_STATE';
  override readonly name = 'InvalidControlStateError';

  constructor(field: string, problem: string, options?: ErrorOptions) {
    super(
      `control state: ${field} ${problem}; start the control workflow without an argument to begin with an empty one`,
      options,
    );
  }
}

const RECORDS = [
  'operations',
  'edges',
  'buckets',
  'calibration',
  'history',
  'knobs',
  'lateBills',
  'billMatching',
  'seen',
] as const;
const COUNTS = ['revision', 'rejected'] as const;

/**
 * Accepts a state that an earlier run handed on. Checks its schema, its parts and its settings; what is inside the parts was written by
 * this code. A state of schema 1, from before edges had stages, is completed; a posterior snapshot from another version is refused.
 *
 * @throws InvalidControlStateError
 */
export function parseControlState(carried: unknown): ControlState {
  if (!isRecord(carried)) {
    throw new InvalidControlStateError('the argument', `is ${String(carried)} and not an object`);
  }
  const input = upgraded(carried);
  for (const field of RECORDS) if (!isRecord(input[field])) throw new InvalidControlStateError(field, 'is no object');
  for (const field of COUNTS) {
    if (!Number.isSafeInteger(input[field])) throw new InvalidControlStateError(field, 'is no whole number');
  }
  const { models = {}, senders = {} } = input;
  if (!isRecord(models)) throw new InvalidControlStateError('models', 'is no object');
  if (!isRecord(senders)) throw new InvalidControlStateError('senders', 'is no object');
  const state = input as unknown as ControlState;
  readCalibration(state);
  if (state.budgets !== undefined) readBudgets(state.budgets);
  try {
    state.knobs.defaults = { ...DEFAULT_KNOB, ...parseKnobChange(state.knobs.defaults) };
    for (const change of Object.values(state.knobs.pipelines)) parseKnobChange(change);
  } catch (error) {
    if (!(error instanceof InvalidKnobError))
      throw new InvalidControlStateError('knobs', 'are incomplete', { cause: error });
    throw new InvalidControlStateError('knobs', `cannot be used (${error.message})`, { cause: error });
  }
  return state;
}

function upgraded(input: Record<string, unknown>): Record<string, unknown> {
  switch (input['schema']) {
    case 1:
      return { ...input, schema: 2, buckets: noBucketOutcomes(), calibration: calibrationOf(input['edges']) };
    case 2:
      return input;
    default: {
      const schema = JSON.stringify(input['schema']) as string | undefined;
      const problem = `is ${schema}: a posterior snapshot from another version; this code reads schemas 1 and 2`;
      throw new InvalidControlStateError('schema', problem);
    }
  }
}

/** Edges that were known before stages were are where all edges start. */
function calibrationOf(edges: unknown): CalibrationState {
  const calibration = noCalibration();
  for (const edge of Object.keys(isRecord(edges) ? edges : {})) knowEdge(calibration, edge);
  return calibration;
}

function readCalibration({ buckets, calibration }: ControlState): void {
  if (!isRecord(buckets.edges)) throw new InvalidControlStateError('buckets.edges', 'is no object');
  if (!isRecord(calibration.edges)) throw new InvalidControlStateError('calibration.edges', 'is no object');
  try {
    calibration.settings = carriedCalibrationSettings(calibration.settings);
  } catch (error) {
    if (!(error instanceof InvalidCalibrationError)) throw error;
    throw new InvalidControlStateError('calibration.settings', `cannot be used (${error.message})`, { cause: error });
  }
}

function readBudgets(input: unknown): void {
  try {
    parseBudgetState(input);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new InvalidControlStateError('budgets', `cannot be used (${problem})`, { cause: error });
  }
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}
