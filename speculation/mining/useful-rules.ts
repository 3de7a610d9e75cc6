import { bestGuesses, type RuledGuess } from './best-guesses';
import type { CountedRule, CountedTemplate } from './counted-rules';
import type { ForecastPoint } from './forecast-point';
import type { Counts, MinedOperation } from './mined-patterns';
import { templateShare } from './rule-score';
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
  const hits = new Map<CountedRule, number>();
  eachLeftOut(points, templates, ({ rule, right }) => {
    if (right) hits.set(rule, (hits.get(rule) ?? 0) + 1);
  });
  const useful = templates.map((template) => ({
    ...template,
    rules: template.rules
      .filter((rule) => hits.has(rule))
      .sort((left, right) => (hits.get(right) as number) - (hits.get(left) as number))
      .slice(0, RULES_A_TEMPLATE),
  }));
  const outcomes: ScoreOutcome[] = [];
  eachLeftOut(points, useful, (outcome) => outcomes.push(outcome));
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
  visit: (outcome: ScoreOutcome & { rule: CountedRule }) => void,
): void {
  for (const [index, { group, actual, contexts }] of points.entries()) {
    const guesses: RuledGuess<CountedRule>[] = [];
    for (const { ofTemplate, rules } of templates) {
      const share = templateShare(contexts, (context) => ofTemplate.without(group, context));
      for (const rule of rules) {
        const guess = rule.guesses[index] ?? null;
        if (guess === null) continue;
        const given = rule.given.without(group, '') ?? [0, 0];
        const inContext = (context: string): Counts | undefined => rule.inContext.without(group, context);
        guesses.push({ rule, guess, evidence: { share, given, inContext } });
      }
    }
    for (const { rule, guess, score } of bestGuesses(contexts, guesses, COUNTED))
      visit({ rule, score, right: guess.key === actual.key });
  }
}
