/** A number that the rule cannot work with. The message names the field, its value and what would be accepted. */
export class InvalidQuantityError extends Error {
  readonly code = 'RUNAHEAD_INVALID_QUANTITY';
  override readonly name = 'InvalidQuantityError';

  constructor(
    readonly field: string,
    readonly value: unknown,
    wayOut: string,
  ) {
    super(`${field} is ${String(value)}; ${wayOut}`);
  }
}

/** @throws InvalidQuantityError unless the value is a number from 0 to 1 */
export function requireShare(field: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new InvalidQuantityError(field, value, 'use a number from 0 to 1');
}

/** @throws InvalidQuantityError unless the value is a finite number of at least 0 */
export function requireAmount(field: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new InvalidQuantityError(field, value, 'use a finite number of at least 0');
}

/** @throws InvalidQuantityError unless the value is a whole number of at least 1 */
export function requireBranches(field: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new InvalidQuantityError(field, value, 'use a whole number of at least 1');
}
