import type { ForecastPoint } from './forecast-point';
import type { FoundRule, TemplateRules } from './mined-rules';
import { guessOf, guessState, type GuessState, type RuleGuess } from './rule-guess';
import { Tally } from './tally';

export interface CountedRule extends FoundRule {
  /** What it says at each point; null where it has nothing to say. */
  guesses: ({ guess: RuleGuess; state: GuessState } | null)[];
  /** Of the outputs of this template, those that it had right; the context is empty. */
  given: Tally;
  /** Of all outputs, those that it had right, by the state of the guess and the context. */
  inContext: Tally;
}

export interface CountedTemplate extends Omit<TemplateRules, 'rules'> {
  /** Of all outputs, those of this template, by context. */
  ofTemplate: Tally;
  rules: CountedRule[];
}

/** How often outputs were of a template, and rules right: wherever they had something to say, whatever came. */
export function countedTemplates(
  points: readonly ForecastPoint[],
  templates: readonly TemplateRules[],
): CountedTemplate[] {
  return templates.map(({ template, fixed, places, rules }) => {
    const ofTemplate = new Tally();
    for (const { group, actual, contexts } of points)
      for (const context of contexts) ofTemplate.add(context, group, actual.template === template);
    return { template, fixed, places, ofTemplate, rules: rules.map((rule) => counted(points, template, rule)) };
  });
}

function counted(points: readonly ForecastPoint[], template: string, rule: FoundRule): CountedRule {
  const [given, inContext] = [new Tally(), new Tally()];
  const said = points.map(({ situation }) => guessOf(situation, template, rule.sources));
  const guesses = points.map(({ group, previous, actual, contexts }, index) => {
    const guess = said[index] ?? null;
    if (guess === null) return null;
    const state = guessState(guess, previous === null ? null : (said[previous] ?? null));
    const right = guess.key === actual.key;
    if (actual.template === template) given.add('', group, right);
    for (const context of contexts) inContext.add(`${state}${context}`, group, right);
    return { guess, state };
  });
  return { ...rule, guesses, given, inContext };
}
