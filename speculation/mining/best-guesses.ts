import { guessOf } from './rule-guess';
import { ruleScore, type CountsOf } from './rule-score';
import type { Situation } from './situation';
import type { ValueSource } from './value-source';

export interface ScoredRule {
  template: string;
  sources: readonly ValueSource[];
  countsOf: CountsOf;
}

export interface ScoredGuess {
  template: string;
  values: unknown[];
  key: string;
  score: number;
}

/** The guesses with the best scores, each output once: the score of an output is that of its best rule. */
export function bestGuesses(
  situation: Situation,
  contexts: { again: readonly string[]; fresh: readonly string[] },
  rules: readonly ScoredRule[],
  top: number,
): ScoredGuess[] {
  const found = new Map<string, ScoredGuess>();
  for (const { template, sources, countsOf } of rules) {
    const guess = guessOf(situation, template, sources);
    if (guess === null) continue;
    const score = ruleScore(guess.again ? contexts.again : contexts.fresh, countsOf);
    const known = found.get(guess.key);
    if (known === undefined) found.set(guess.key, { template, values: guess.values, key: guess.key, score });
    else known.score = Math.max(known.score, score);
  }
  return [...found.values()]
    .sort((left, right) => right.score - left.score || (left.key < right.key ? -1 : 1))
    .slice(0, top);
}
