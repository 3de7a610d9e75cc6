/** What was mined from earlier runs: which outputs follow which calls, and where their values come from. Plain JSON. */
export interface MinedPatterns {
  version: 1;
  /** By activity type whose output is forecast. */
  operations: Record<string, unknown>;
}

export function isMinedPatterns(value: unknown): value is MinedPatterns {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1;
}
