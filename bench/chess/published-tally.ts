import type { EndedCall } from '../simulator/options';

/** What the account of the paper needs to know about a step. */
export interface TalliedStep {
  actorTokens: number;
  guessTokens: number;
}

interface Branch {
  outcome: 'claimed' | 'thrown-away';
  /** It had ended before it was asked for. */
  inTime: boolean;
  /** The slow agent's answer that was known last when it was thrown away. */
  beside: number;
}

/**
 * The account of `published-account.ts` for any policy, from calls as they end: a branch that is used costs itself and its guesses; one that
 * is thrown away costs what the slow agent's call beside it costs, or as much as the used one if that had ended in time.
 */
export class PublishedTally {
  private readonly branches = new Map<number, Branch[]>();
  /** When each answer of the slow agent was known; ascending. */
  readonly knownSeconds: number[] = [];
  private lastWasLaunched = false;

  constructor(private readonly steps: readonly TalliedStep[]) {}

  /** A call is over; calls are told in the order in which they end. */
  ended({ operation, outcome, endSeconds }: EndedCall): void {
    const asked = this.knownSeconds[operation - 1] ?? 0;
    if (outcome === 'claimed' || outcome === 'cancelled' || outcome === 'failed') {
      const branches = this.branches.get(operation) ?? [];
      this.branches.set(operation, branches);
      const claimed = outcome === 'claimed';
      const beside = Math.max(0, Math.min(operation, this.knownSeconds.length) - 1);
      branches.push({ outcome: claimed ? 'claimed' : 'thrown-away', inTime: endSeconds <= asked, beside });
    }
    if (outcome === 'claimed' || outcome === 'plain') {
      this.knownSeconds[operation] = Math.max(asked, endSeconds);
      this.lastWasLaunched = outcome === 'claimed';
    }
  }

  /**
   * Tokens beyond the sequential ones.
   *
   * @param lastWindow after the last step nothing follows; the paper counts one call for it where guesses would be followed
   */
  extraTokens(lastWindow: 'always' | 'unless-launched' | 'never'): number {
    let sum = 0;
    for (const [operation, branches] of this.branches) {
      const guessTokens = this.steps[operation - 1]?.guessTokens ?? 0;
      const used = guessTokens + (this.steps[operation]?.actorTokens ?? 0);
      const inTime = branches.some((branch) => branch.outcome === 'claimed' && branch.inTime);
      for (const { outcome, beside } of branches) {
        sum += outcome === 'claimed' || inTime ? used : (this.steps[beside]?.actorTokens ?? 0);
      }
    }
    const open = lastWindow === 'always' || (lastWindow === 'unless-launched' && !this.lastWasLaunched);
    return sum + (open ? (this.steps.at(-1)?.actorTokens ?? 0) : 0);
  }
}
