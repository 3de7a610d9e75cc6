/*
 * The token account of Speculative Actions, as its released analysis has it (peers.md 6.1 restates it). Oddities are theirs, and apply to
 * every policy here alike: a branch that is used counts as extra although it takes the place of the actor's own call; a branch that is
 * thrown away costs what the actor's call beside it costs, however little of it had run; guesses cost nothing on a miss; the window of
 * the last step, after which nothing follows, costs one such call.
 */

/** What happened beside one call of the actor while the next call could be started early. */
export interface Window {
  /** Tokens of the actor's call, of the call after it, and of the guesses. */
  actorTokens: number;
  nextTokens: number;
  guessTokens: number;
  /** Branches that were started. */
  branches: number;
  /** One of them was right; `in-time` if it had ended before the actor did. */
  outcome: 'miss' | 'in-time' | 'late';
}

/** Tokens beyond the sequential ones. */
export function windowTokens({ actorTokens, nextTokens, guessTokens, branches, outcome }: Window): number {
  switch (outcome) {
    case 'miss':
      return branches * actorTokens;
    case 'in-time':
      return branches * (guessTokens + nextTokens);
    case 'late':
      return (branches - 1) * actorTokens + guessTokens + nextTokens;
  }
}
