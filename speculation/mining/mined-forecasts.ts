import { ownEntry } from '../forecast/own-entry';
import type { Trail } from '../forecast/trail';
import { bestGuesses } from './best-guesses';
import { built } from './json-leaves';
import type { TagTree } from './output-tags';
import type { Counts, MinedPatterns } from './mined-patterns';
import { outcomesAt } from './reliability';
import { guessOf, guessState } from './rule-guess';
import { templateShare } from './rule-score';
import { situationOf, templateKey, type Situation } from './situation';
import { contextsOf } from './trail-context';

/** A guess at an output, with how often its pattern was right when it applied. */
export interface MinedForecast {
  value: unknown;
  hits: number;
  total: number;
}

/** Guesses at the output of an operation from the calls before it, the most likely first. */
export function minedForecasts(
  patterns: MinedPatterns,
  operation: string,
  args: readonly unknown[],
  trail: Trail,
  top: number,
): MinedForecast[] {
  const mined = ownEntry(patterns.operations, operation);
  if (mined === undefined) return [];
  const situation = situationOf(operation, args, trail, mined.tags);
  const before = situationBefore(operation, trail, mined.tags);
  const contexts = contextsOf(operation, trail);
  const guesses = mined.templates.flatMap((template) => {
    const key = templateKey(template.fixed, template.places);
    const share = templateShare(contexts, (context) => ownEntry(template.contexts, context));
    return template.rules.flatMap((rule) => {
      const guess = guessOf(situation, key, rule.sources);
      if (guess === null) return [];
      const inContext = (context: string): Counts | undefined => ownEntry(rule.contexts, context);
      const state = guessState(guess, before === null ? null : guessOf(before, key, rule.sources));
      return [{ rule: template, guess, state, evidence: { share, given: rule.given, inContext } }];
    });
  });
  return bestGuesses(contexts, guesses, top).flatMap(({ rule: { fixed, places }, guess, score }) => {
    const outcomes = outcomesAt(mined.reliability, score);
    if (outcomes === null) return [];
    const value = built([...fixed, ...places.map((path, index) => [path, guess.values[index]] as const)]);
    return [{ value, ...outcomes }];
  });
}

/** What was known when the operation was asked for the last time; null if it has not been. */
function situationBefore(operation: string, trail: Trail, tags: TagTree): Situation | null {
  const index = trail.findLastIndex((call) => call.operation === operation);
  const call = trail[index];
  return call === undefined ? null : situationOf(operation, call.args, trail.slice(0, index), tags);
}
