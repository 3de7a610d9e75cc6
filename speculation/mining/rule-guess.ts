import { valuesKey, valuesOf, type Situation } from './situation';
import { listKey, type ValueSource } from './value-source';

export interface RuleGuess {
  values: unknown[];
  /** As `valuesKey` writes it. */
  key: string;
  /** This output has been made before. */
  again: boolean;
}

/** Whether these sources can be used together: at most one list may say what comes next. */
export function isCoherent(sources: readonly ValueSource[]): boolean {
  const lists = new Set(sources.map(listKey));
  lists.delete(null);
  return lists.size <= 1;
}

/** What sources say that an output of a template will be; null if one of them has nothing to say. */
export function guessOf(situation: Situation, template: string, sources: readonly ValueSource[]): RuleGuess | null {
  const found: (readonly unknown[])[] = [];
  let elements = -1;
  for (const source of sources) {
    const values = valuesOf(situation, source);
    if (values.length === 0) return null;
    if (listKey(source) !== null) elements = values.length;
    found.push(values);
  }
  for (let index = 0; index < Math.max(1, elements); index += 1) {
    const values = found.map((each, place) =>
      listKey(sources[place] as ValueSource) === null ? each[0] : each[index],
    );
    if (values.includes(undefined)) continue;
    const key = valuesKey(template, values);
    const again = situation.made.has(key);
    if (elements < 0 || !again) return { values, key, again };
  }
  return null;
}

/**
 * Whether a guess could be made for the first time, or is stale: the rule said the same at the step before, and something else came. Or it has
 * been there before.
 */
export type GuessState = 'new' | 'stale' | 'again';

/** @param before what the rule said at the operation's call before; null if nothing */
export function guessState(guess: RuleGuess, before: RuleGuess | null): GuessState {
  if (guess.again) return 'again';
  return before?.key === guess.key ? 'stale' : 'new';
}
