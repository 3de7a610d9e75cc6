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
  const templates = new Map(mined.templates.map((each) => [templateKey(each.fixed, each.places), each]));
  const rules = [...templates].flatMap(([template, { rules }]) =>
    rules.map(({ sources, contexts }) => ({
      template,
      sources,
      countsOf: (context: string) => ownEntry(contexts, context),
    })),
  );
  const contexts = { again: contextsOf(operation, trail, true), fresh: contextsOf(operation, trail, false) };
  return bestGuesses(situation, contexts, rules, top).flatMap(({ template, values, score }) => {
    const outcomes = outcomesAt(mined.reliability, score);
    const known = templates.get(template);
    if (outcomes === null || known === undefined) return [];
    const { fixed, places } = known;
    const value = built([...fixed, ...places.map((path, index) => [path, values[index]] as const)]);
    return [{ value, ...outcomes }];
  });
}
