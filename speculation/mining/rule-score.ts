import type { Counts } from './mined-patterns';
import type { GuessState } from './rule-guess';

/** Counts by context, from the shortest context to the longest; undefined where it has not been seen. */
export type CountsOf = (context: string) => Counts | undefined;

/** As many observations as the estimate of a shorter context counts for in a longer one. PROPOSED. */
const TRUST = 4;
/** Of a kind of output of which nothing is known. */
const FIRST_GUESS = 0.05;

/** Estimated share of outputs that are of a template, in a context. */
export function templateShare(contexts: readonly string[], ofTemplate: CountsOf): number {
  return backedOff(FIRST_GUESS, contexts, ofTemplate);
}

export interface RuleEvidence {
  /** See `templateShare`. */
  share: number;
  /** Of the outputs of the template, those that the rule had right. */
  given: Counts;
  /** Of all outputs, those that it had right, by the state of the guess and the context. */
  inContext: CountsOf;
}

/**
 * Estimated probability that a rule is right: the share of its template in the context, times the share of outputs of that template that it
 * had right, moved by what came of the rule itself in the context as far as that has been seen. PROPOSED.
 */
export function ruleScore(
  contexts: readonly string[],
  state: GuessState,
  { share, given, inContext }: RuleEvidence,
): number {
  const first = (share * (given[0] + 0.5)) / (given[1] + 1);
  return backedOff(first, contexts, (context) => inContext(`${state}${context}`));
}

/** Each longer context moves the estimate of the shorter one as far as it has been seen. */
function backedOff(first: number, contexts: readonly string[], countsOf: CountsOf): number {
  let estimate = first;
  for (const context of contexts) {
    const counts = countsOf(context);
    if (counts === undefined || counts[1] <= 0) break;
    estimate = (counts[0] + TRUST * estimate) / (counts[1] + TRUST);
  }
  return estimate;
}
