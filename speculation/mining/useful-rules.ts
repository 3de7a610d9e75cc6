import { bestGuesses, type ScoredRule } from './best-guesses';
import type { CountedRule, CountedTemplate } from './counted-rules';
import type { ForecastPoint } from './forecast-point';
import type { MinedOperation } from './mined-patterns';
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
  const all = templates.flatMap((template) => template.rules.map((rule) => ({ template, rule })));
  eachLeftOut(points, all, ({ rule, right }) => {
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
  eachLeftOut(
    points,
    useful.flatMap((template) => template.rules.map((rule) => ({ template, rule }))),
    (outcome) => outcomes.push(outcome),
  );
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

interface LeftOutRule extends ScoredRule {
  counted: CountedRule;
}

/** What would have been forecast at each point from all groups but its own. */
function eachLeftOut(
  points: readonly ForecastPoint[],
  rules: readonly { template: CountedTemplate; rule: CountedRule }[],
  visit: (outcome: ScoreOutcome & { rule: CountedRule }) => void,
): void {
  for (const { group, situation, actual, contexts } of points) {
    const scored = rules.map(({ template, rule }): LeftOutRule => ({
      template: rule.template,
      sources: rule.sources,
      counted: rule,
      evidence: {
        ofTemplate: (context) => template.ofTemplate.without(group, context),
        given: rule.given.without(group, '') ?? [0, 0],
        inContext: (context) => rule.inContext.without(group, context),
      },
    }));
    for (const { rule, key, score } of bestGuesses(situation, contexts, scored, COUNTED))
      visit({ rule: rule.counted, score, right: key === actual.key });
  }
}
