import type { GuessState, RuleGuess } from './rule-guess';
import { ruleScore, type RuleEvidence } from './rule-score';

/** What a rule says, and what is known of it. */
export interface RuledGuess<Rule> {
  rule: Rule;
  guess: RuleGuess;
  state: GuessState;
  evidence: RuleEvidence;
}

export interface ScoredGuess<Rule> {
  /** The rule with the best score of those that make this guess. */
  rule: Rule;
  guess: RuleGuess;
  score: number;
}

/** The guesses with the best scores, each output once. */
export function bestGuesses<Rule>(
  contexts: readonly string[],
  guesses: readonly RuledGuess<Rule>[],
  top: number,
): ScoredGuess<Rule>[] {
  const found = new Map<string, ScoredGuess<Rule>>();
  for (const { rule, guess, state, evidence } of guesses) {
    const score = ruleScore(contexts, state, evidence);
    const known = found.get(guess.key);
    if (known === undefined || known.score < score) found.set(guess.key, { rule, guess, score });
  }
  return [...found.values()]
    .sort((left, right) => right.score - left.score || (left.guess.key < right.guess.key ? -1 : 1))
    .slice(0, top);
}
