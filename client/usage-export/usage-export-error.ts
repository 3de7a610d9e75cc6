/** A usage export that cannot be used: the message names file, place, column, value and the way out. Nothing was compared. */
export class UsageExportError extends Error {
  readonly code = 'RUNAHEAD_USAGE_EXPORT';
  override readonly name = 'UsageExportError';
}
