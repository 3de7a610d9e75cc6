import { shownValue } from '../decision/shown-value';

/** A budget that cannot be used. The message names the field, its value and what would be accepted. */
export class InvalidBudgetError extends Error {
  readonly code = 'RUNAHEAD_INVALID_BUDGET';
  override readonly name = 'InvalidBudgetError';

  constructor(
    readonly field: string,
    value: unknown,
    wayOut: string,
  ) {
    super(`budget: ${field} is ${shownValue(value)}; ${wayOut}`);
  }
}
