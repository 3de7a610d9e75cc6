import { bestGuesses, type RuledGuess } from './best-guesses';
import type { CountedRule, CountedTemplate } from './counted-rules';
import type { ForecastPoint } from './forecast-point';
import type { Counts, MinedOperation } from './mined-patterns';
import { templateShare } from './rule-score';
import { isFoundWithout } from './mined-rules';
import { reliabilityOf, type ScoreOutcome } from './reliability';

/** Forecasts of each point whose coming true is counted. */
const COUNTED = 3;
const RULES_A_TEMPLATE = 24;
/** A context that was seen less often says little, and there are many. */
const LEAST_SEEN = 3;

/** Rules that were the best for a forecast that came true in a group that was left out, and what came true of all such forecasts by score. */
export function usefulRules(
  points: readonly ForecastPoint[],
  templates: readonly CountedTemplate[],
): Pick<MinedOperation, 'templates' | 'reliability'> {
  const hits = new Map<CountedRule, Map<string, number>>();
  eachLeftOut(
    points,
    templates,
    (group, rule) => isFoundWithout(group, rule.groups),
    ({ rule, right, group }) => {
      if (!right) return;
      const known = hits.get(rule) ?? new Map<string, number>();
      hits.set(rule, known.set(group, (known.get(group) ?? 0) + 1));
    },
  );
  const hitsOf = (rule: CountedRule): number => sum(hits.get(rule)?.values() ?? []);
  const useful = templates.map((template) => ({
    ...template,
    rules: template.rules
      .filter((rule) => hits.has(rule))
      .sort((left, right) => hitsOf(right) - hitsOf(left))
      .slice(0, RULES_A_TEMPLATE),
  }));
  // A forecast of a group that was left out comes only from rules that would have been found, and found useful, without it.
  const isKnownWithout = (group: string, rule: CountedRule): boolean =>
    isFoundWithout(group, rule.groups) && hitsOf(rule) > (hits.get(rule)?.get(group) ?? 0);
  const outcomes: ScoreOutcome[] = [];
  eachLeftOut(points, useful, isKnownWithout, (outcome) => outcomes.push(outcome));
  return {
    templates: useful
      .filter(({ rules }) => rules.length > 0)
      .map(({ fixed, places, ofTemplate, rules }) => ({
        fixed,
        places,
        contexts: ofTemplate.record(LEAST_SEEN),
        rules: rules.map(({ sources, given, inContext }) => ({
          sources,
          given: given.record(0)[''] ?? [0, 0],
          contexts: inContext.record(LEAST_SEEN),
        })),
      })),
    reliability: reliabilityOf(outcomes),
  };
}

/** What would have been forecast at each point from all groups but its own. */
function eachLeftOut(
  points: readonly ForecastPoint[],
  templates: readonly CountedTemplate[],
  isKnown: (without: string, rule: CountedRule) => boolean,
  visit: (outcome: ScoreOutcome & { rule: CountedRule; group: string }) => void,
): void {
  for (const [index, { group, actual, contexts }] of points.entries()) {
    const guesses: RuledGuess<CountedRule>[] = [];
    for (const { ofTemplate, rules } of templates) {
      const share = templateShare(contexts, (context) => ofTemplate.without(group, context));
      for (const rule of rules) {
        const made = rule.guesses[index] ?? null;
        if (made === null || !isKnown(group, rule)) continue;
        const given = rule.given.without(group, '') ?? [0, 0];
        const inContext = (context: string): Counts | undefined => rule.inContext.without(group, context);
        guesses.push({ rule, ...made, evidence: { share, given, inContext } });
      }
    }
    for (const { rule, guess, score } of bestGuesses(contexts, guesses, COUNTED))
      visit({ rule, group, score, right: guess.key === actual.key });
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
