import { shownValue } from '../decision/shown-value';
import type { TagTree } from './output-tags';
import type { Path } from './json-leaves';
import type { ValueSource } from './value-source';

/** How often a guess was right, of the times that it could be made. */
export interface Counts {
  hits: number;
  total: number;
}

/** One way to make an output of a template: where each of its values comes from. */
export interface MinedRule {
  /** One for each place of the template. */
  sources: ValueSource[];
  /** By context (see trail-context.ts), from none to the last calls. */
  contexts: Record<string, [hits: number, total: number]>;
}

/** Outputs that differ only in the values at some places. */
export interface MinedTemplate {
  /** What is the same in all of them. */
  fixed: [Path, unknown][];
  /** Where they differ, such as `["args", "id"]`. */
  places: Path[];
  rules: MinedRule[];
}

export interface MinedOperation {
  /** The values that tell kinds of outputs apart, such as the name of a tool. */
  tags: TagTree;
  templates: MinedTemplate[];
  /** What came true of forecasts by their score in sessions left out, best first. */
  reliability: { leastScore: number; hits: number; total: number }[];
}

/** What was mined from earlier runs: which outputs follow which calls, and where their values come from. Plain JSON. */
export interface MinedPatterns {
  version: 1;
  /** From how many sessions. */
  sessions: number;
  /** By activity type whose output is forecast. */
  operations: Record<string, MinedOperation>;
}

export function isMinedPatterns(value: unknown): value is MinedPatterns {
  return (
    typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && shownValue(value) !== ''
  );
}
