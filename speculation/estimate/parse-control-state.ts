import { parseBudgetState } from '../budget/parse-budget-state';
import { DEFAULT_KNOB, InvalidKnobError, parseKnobChange } from '../decision/knob';
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

const RECORDS = ['operations', 'edges', 'history', 'knobs', 'lateBills', 'billMatching', 'seen'] as const;
const COUNTS = ['revision', 'rejected'] as const;

/**
 * Accepts a state that an earlier run handed on. Checks its schema, its parts and its knobs; what is inside the parts was written by
 * this code.
 *
 * @throws InvalidControlStateError
 */
export function parseControlState(input: unknown): ControlState {
  if (!isRecord(input)) throw new InvalidControlStateError('the argument', `is ${String(input)} and not an object`);
  const { schema } = input;
  if (schema !== 1) {
    throw new InvalidControlStateError('schema', `is ${JSON.stringify(schema)}, and this code reads schema 1`);
  }
  for (const field of RECORDS) if (!isRecord(input[field])) throw new InvalidControlStateError(field, 'is no object');
  for (const field of COUNTS) {
    if (!Number.isSafeInteger(input[field])) throw new InvalidControlStateError(field, 'is no whole number');
  }
  const { models = {} } = input;
  if (!isRecord(models)) throw new InvalidControlStateError('models', 'is no object');
  const state = input as unknown as ControlState;
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
