/*
 * What a benchmark says about policies on equal work, for tables in a terminal and for the report page. Shares are 0 to 1, time is seconds,
 * dollars are exact decimal strings where they were booked and numbers where they were simulated.
 */

/** A figure with its 95 % bootstrap interval over independent units, such as games or conversations. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** Hit rates are never printed without what they are a rate of. */
export interface Rate {
  numerator: number;
  denominator: number;
}

export interface PolicyRow {
  /** As `launchPolicy` takes it, such as `speculative-actions:k=2`; `plain` for no Runahead at all. */
  policy: string;
  /** For people. */
  label: string;
  /** Share of the sequential time that is saved; negative is slower. */
  saved: Interval;
  /** Mean time of a unit, and its 95th percentile. */
  meanSeconds: number;
  p95Seconds: number;
  /** Dollars of a unit, forecasts and drafts included, and the share of it that bought nothing. */
  usd: number | string;
  wasteUsd: number | string;
  /** Tokens more than sequential, as a share. @default the benchmark counts dollars only */
  extraTokens?: Interval;
  /** Forecasts that were right, of those that were followed. */
  hits: Rate;
  /** Launches that were claimed, of those that were made. */
  claimed: Rate;
  /** What the policy knew and what it was charged for, in one line. */
  knew: string;
}

/** For a frontier: where a policy, or a setting of the dial, stands. */
export interface FrontierPoint {
  label: string;
  seconds: number;
  usd: number;
}

export interface ReliabilityBin {
  /** Mean of what was predicted. */
  predicted: number;
  /** What came true. */
  observed: Rate;
}

export interface TimelineBar {
  /** What it is drawn beside: a call, a step. */
  lane: string;
  label: string;
  startSeconds: number;
  endSeconds: number;
  kind: 'plain' | 'claimed' | 'wasted' | 'draft';
}

/** One benchmark, in one setting. */
export interface PolicyComparison {
  /** As the command line has it, such as `chess`. */
  benchmark: string;
  title: string;
  /** Where the work and its latencies come from, with licence; what is charged; how many units. */
  setting: string;
  measuredOn: 'simulator' | 'real server';
  rows: PolicyRow[];
  /** @default no frontier is drawn */
  frontier?: { points: FrontierPoint[]; dial: FrontierPoint[] };
  /** @default none is drawn */
  reliability?: { label: string; bins: ReliabilityBin[] }[];
  /** One run for each policy: who waited for whom, what was thrown away. @default none is drawn */
  timelines?: { policy: string; bars: TimelineBar[] }[];
  /** Other tables, such as closed forms: a title, column names, cells as text. */
  tables?: { title: string; columns: string[]; rows: string[][] }[];
  /** One line each. */
  notes: string[];
}
