import type { Rate, TimelineBar } from '../measure/policy-comparison';

/** One game under one policy. Virtual or recorded seconds; list prices in US dollars. */
export interface GameRun {
  game: string;
  sequentialSeconds: number;
  seconds: number;
  /** From the answer of the step before to that of each step, and the same without any launch. */
  stepSeconds: readonly number[];
  sequentialStepSeconds: readonly number[];
  sequentialTokens: number;
  /** Beyond the sequential ones, by the account of the paper. */
  publishedExtraTokens: number;
  /** Beyond the sequential ones, each call once: input in full, output as far as it was written. */
  billedExtraTokens: number;
  usd: number;
  /** Launches that were thrown away, and drafts. */
  wasteUsd: number;
  /** Steps whose guesses led to a claim, of those whose guesses led to a launch. */
  hits: Rate;
  claimed: Rate;
  bars: readonly TimelineBar[];
}

export function savedShare(runs: readonly GameRun[]): number {
  return mean(runs, ({ seconds, sequentialSeconds }) => 1 - seconds / sequentialSeconds);
}

export function publishedExtraShare(runs: readonly GameRun[]): number {
  return mean(runs, ({ publishedExtraTokens, sequentialTokens }) => publishedExtraTokens / sequentialTokens);
}

export function billedExtraShare(runs: readonly GameRun[]): number {
  return mean(runs, ({ billedExtraTokens, sequentialTokens }) => billedExtraTokens / sequentialTokens);
}

export function mean(runs: readonly GameRun[], of: (run: GameRun) => number): number {
  return runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
}
