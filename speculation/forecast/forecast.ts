/** Where a forecast comes from. `user` is one that somebody has sent by signal. */
export type ForecastSource = 'history' | 'function' | 'verify' | 'draft' | 'stream' | 'mined' | 'user';

/** A guess at the output of an operation that still runs. */
export interface Forecast {
  /** The guessed output, as plain JSON. */
  value: unknown;
  source: ForecastSource;
  /** 0 for the source's best guess, 1 for its second, ... Each rank has a posterior of its own. */
  rank: number;
  /** How often this value was the output in this context, where the source counts (history). */
  counts?: { hits: number; total: number };
  /** What the source itself says how sure it is, 0 to 1. @default it does not say */
  confidence?: number;
  /** What asking for this forecast cost, US dollars as a decimal string. "0" for everything that is not a model call. */
  costUsd: string;
}
