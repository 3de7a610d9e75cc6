import { shownValue } from '../decision/shown-value';
import type { TagTree } from './output-tags';
import type { Path } from './json-leaves';
import { patternsSchema } from './patterns-schema';
import type { ValueSource } from './value-source';

/** How often something was so, of the times that it could have been. */
export type Counts = readonly [hits: number, total: number];

/** One way to make an output of a template. */
export interface MinedRule {
  /** Where each value comes from, one source for each place of the template. */
  sources: ValueSource[];
  /** Of the outputs of this template, those that had these values. */
  given: Counts;
  /** Of all outputs, those that were exactly this, by the state of the guess (`new`, `stale`, `again`) and the last calls. */
  contexts: Record<string, Counts>;
}

/** Outputs that differ only in the values at some places. */
export interface MinedTemplate {
  /** What is the same in all of them. */
  fixed: [Path, unknown][];
  /** Where they differ, such as `["args", "id"]`. */
  places: Path[];
  /** Of all outputs, those of this template, by context: the last calls. */
  contexts: Record<string, Counts>;
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

/** Whether a forecast can be made from a value: `minedPatternsFault` says why not. */
export function isMinedPatterns(value: unknown): value is MinedPatterns {
  return patternsSchema.safeParse(value).success;
}

/** What is wrong with patterns that come from outside, in words with the field, its value and what it should be; null if nothing is. */
export function minedPatternsFault(value: unknown): string | null {
  const issue = patternsSchema.safeParse(value).error?.issues[0];
  if (issue === undefined) return null;
  const at = issue.path.reduce<string>(
    (text, key) => `${text}${typeof key === 'number' ? `[${key}]` : `.${String(key)}`}`,
    '',
  );
  const found = issue.path.reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null ? (inside as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
  return `patterns${at} is ${shownValue(found)}: ${issue.message}`;
}
