import type { Trail } from '../forecast/trail';
import type { MinedPatterns } from './mined-patterns';

/** A guess at an output, with how often its pattern was right when it applied. */
export interface MinedForecast {
  value: unknown;
  hits: number;
  total: number;
}

/** Guesses at the output of an operation from the calls before it, the most likely first. */
export function minedForecasts(
  _patterns: MinedPatterns,
  _operation: string,
  _args: readonly unknown[],
  _trail: Trail,
  _top: number,
): MinedForecast[] {
  return [];
}
