import type { Call } from './call';

/** Hits or rights, with what they are out of. */
export interface Ratio {
  numerator: number;
  denominator: number;
}

/** What happened in one run, or in many together: times in virtual seconds, money in US dollars. */
export interface Books {
  runs: number;
  /** From the start of each run to its result, added up. */
  seconds: number;
  /** Plain calls that succeeded. */
  plainUsd: number;
  /** Plain attempts that failed and were made again. */
  retriedUsd: number;
  claimedUsd: number;
  /** Launches that were cancelled or failed. */
  wasteUsd: number;
  draftUsd: number;
  launched: number;
  claimed: number;
  cancelled: number;
  failed: number;
  /** Copies of plain calls that were raced against them; all but the first to answer are waste. */
  copies: number;
  /** Drafts that were asked. */
  drafts: number;
  decisions: number;
  /** Seconds that claimed launches had run, or needed to run, before they were asked for. */
  savedSeconds: number;
  /** Guesses that were right, of those whose operation has ended. */
  guesses: Ratio;
  /** Operations whose guesses led to a launch that was claimed, of those whose guesses led to a launch. */
  windows: Ratio;
}

export function emptyBooks(): Books {
  return {
    runs: 0,
    seconds: 0,
    plainUsd: 0,
    retriedUsd: 0,
    claimedUsd: 0,
    wasteUsd: 0,
    draftUsd: 0,
    launched: 0,
    claimed: 0,
    cancelled: 0,
    failed: 0,
    copies: 0,
    drafts: 0,
    decisions: 0,
    savedSeconds: 0,
    guesses: { numerator: 0, denominator: 0 },
    windows: { numerator: 0, denominator: 0 },
  };
}

/** All that was paid, US dollars. */
export function costUsd({ plainUsd, retriedUsd, claimedUsd, wasteUsd, draftUsd }: Books): number {
  return plainUsd + retriedUsd + claimedUsd + wasteUsd + draftUsd;
}

/** The books of several runs together. */
export function addBooks(left: Books, right: Books): Books {
  const sum = { ...left };
  for (const key of Object.keys(left) as (keyof Books)[]) {
    if (key === 'guesses' || key === 'windows') {
      sum[key] = {
        numerator: left[key].numerator + right[key].numerator,
        denominator: left[key].denominator + right[key].denominator,
      };
    } else {
      sum[key] = left[key] + right[key];
    }
  }
  return sum;
}

/** What a call that is over counts as. */
export type BookedAs = 'plain' | 'retried' | 'claimed' | 'cancelled' | 'failed' | 'draft' | 'copy';

/** Books a call that is over. */
export function bookEnd(books: Books, call: Call, as: BookedAs): void {
  switch (as) {
    case 'plain':
      books.plainUsd += call.costUsd;
      return;
    case 'retried':
      books.retriedUsd += call.costUsd;
      return;
    case 'claimed':
      books.claimedUsd += call.costUsd;
      return;
    case 'draft':
      books.draftUsd += call.costUsd;
      return;
    case 'copy':
      books.wasteUsd += call.costUsd;
      return;
    default:
      books.wasteUsd += call.costUsd;
      books[as] += 1;
  }
}
