import { ownEntry } from '../forecast/own-entry';
import type { Trail } from '../forecast/trail';
import { bestGuesses } from './best-guesses';
import { built } from './json-leaves';
import type { MinedPatterns } from './mined-patterns';
import { outcomesAt } from './reliability';
import { situationOf, templateKey } from './situation';
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
  const rules = mined.templates.flatMap((template) => {
    const key = templateKey(template.fixed, template.places);
    return template.rules.map((rule) => ({
      template: key,
      sources: rule.sources,
      made: template,
      evidence: {
        ofTemplate: (context: string) => ownEntry(template.contexts, context),
        given: rule.given,
        inContext: (context: string) => ownEntry(rule.contexts, context),
      },
    }));
  });
  return bestGuesses(situation, contextsOf(operation, trail), rules, top).flatMap(({ rule, values, score }) => {
    const outcomes = outcomesAt(mined.reliability, score);
    if (outcomes === null) return [];
    const { fixed, places } = rule.made;
    const value = built([...fixed, ...places.map((path, index) => [path, values[index]] as const)]);
    return [{ value, ...outcomes }];
  });
}
