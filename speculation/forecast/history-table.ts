import type { Forecast } from './forecast';

/** What one operation returned, by context. Bounded; plain JSON. */
export interface HistoryTable {
  contexts: Record<string, HistoryContext>;
  /** Counts recordings; orders contexts by their last use. */
  clock: number;
  /** Characters of all filed values and context keys. */
  size: number;
}

export interface HistoryContext {
  /** Outputs seen, filed or not. */
  total: number;
  lastUse: number;
  values: HistoryValue[];
}

export interface HistoryValue {
  /** Canonical JSON. */
  json: string;
  hits: number;
}

export function emptyHistoryTable(): HistoryTable {
  return { contexts: {}, clock: 0, size: 0 };
}

export function recordOutput(table: HistoryTable, contextKey: string, output: unknown): void {
  throw new Error(`to be written: ${String([table, contextKey, output])}`);
}

export function topForecasts(table: HistoryTable, contextKey: string, k: number): Forecast[] {
  throw new Error(`to be written: ${String([table, contextKey, k])}`);
}
