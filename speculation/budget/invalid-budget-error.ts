/** A budget that cannot be used. The message names the field, its value and what would be accepted. */
export class InvalidBudgetError extends Error {
  readonly code = 'RUNAHEAD_INVALID_BUDGET';
  override readonly name = 'InvalidBudgetError';

  constructor(
    readonly field: string,
    value: unknown,
    wayOut: string,
  ) {
    super(`budget: ${field} is ${shown(value)}; ${wayOut}`);
  }
}

/** A value in a message: short, and never a reason for another error. */
function shown(value: unknown): string {
  let text: string | undefined;
  try {
    // JSON writes NaN and Infinity as null, which would hide the very thing that is wrong.
    text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
