import { guessOf } from './rule-guess';
import { ruleScore, type RuleEvidence } from './rule-score';
import type { Situation } from './situation';
import type { ValueSource } from './value-source';

export interface ScoredRule {
  template: string;
  sources: readonly ValueSource[];
  evidence: RuleEvidence;
}

export interface ScoredGuess<Rule extends ScoredRule> {
  /** The rule with the best score of those that make this guess. */
  rule: Rule;
  values: unknown[];
  key: string;
  score: number;
}

/** The guesses with the best scores, each output once. */
export function bestGuesses<Rule extends ScoredRule>(
  situation: Situation,
  contexts: readonly string[],
  rules: readonly Rule[],
  top: number,
): ScoredGuess<Rule>[] {
  const found = new Map<string, ScoredGuess<Rule>>();
  for (const rule of rules) {
    const guess = guessOf(situation, rule.template, rule.sources);
    if (guess === null) continue;
    const score = ruleScore(contexts, guess.again, rule.evidence);
    const known = found.get(guess.key);
    if (known === undefined || known.score < score) found.set(guess.key, { rule, ...guess, score });
  }
  return [...found.values()]
    .sort((left, right) => right.score - left.score || (left.key < right.key ? -1 : 1))
    .slice(0, top);
}
