/** A dependency, or a type of dependency, that cannot be used. */
export class InvalidDependencyError extends Error {
  readonly code = 'RUNAHEAD_INVALID_DEPENDENCY';
  override readonly name = 'InvalidDependencyError';

  constructor(
    /** Name of the field within the declaration. */
    readonly field: string,
    readonly value: unknown,
    wayOut: string,
  ) {
    super(`dependency: ${field} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}; ${wayOut}`);
  }
}
