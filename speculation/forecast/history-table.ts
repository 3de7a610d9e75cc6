import { canonicalJson } from './canonical-json';
import type { Forecast } from './forecast';
import { ownEntry, setOwnEntry } from './own-entry';
import { sentBytes } from './sent-bytes';

/** What one operation returned, by context. Bounded in every direction; plain JSON. */
export interface HistoryTable {
  /** At most 1,000 and `*`, which counts every output. */
  contexts: Record<string, HistoryContext>;
  /** Counts recordings; tells which context was used last. */
  clock: number;
  /** About what the table adds to a payload, in bytes. */
  bytes: number;
}

export interface HistoryContext {
  /** Outputs seen, filed or not. */
  total: number;
  lastUse: number;
  /** At most 16. */
  values: HistoryValue[];
}

export interface HistoryValue {
  /** Canonical JSON of the output. */
  json: string;
  hits: number;
}

const ALL_CONTEXTS = '*';
const MOST_CONTEXTS = 1_000;
const MOST_VALUES = 16;
const LARGEST_VALUE_BYTES = 2_048;
const LARGEST_KEY_BYTES = 512;
const LARGEST_TABLE_BYTES = 200_000;
/** A context seen less often than this answers with all contexts instead. */
const LEAST_OUTPUTS = 3;
/** JSON around a context and around a value. */
const CONTEXT_OVERHEAD_BYTES = 60;
const VALUE_OVERHEAD_BYTES = 30;

export function emptyHistoryTable(): HistoryTable {
  return { contexts: {}, clock: 0, bytes: 0 };
}

/**
 * Files one output under its context and under `*`. Outputs of more than 2 kB are counted but not filed, keys of more than 512 bytes
 * are filed under `*` alone.
 */
export function recordOutput(table: HistoryTable, contextKey: string, output: unknown): void {
  const json = canonicalJson(output);
  table.clock += 1;
  recordIn(contextOf(table, ALL_CONTEXTS), json, table);
  if (contextKey !== ALL_CONTEXTS && sentBytes(contextKey) <= LARGEST_KEY_BYTES) {
    recordIn(contextOf(table, contextKey), json, table);
  }
  shrinkHistory(table, LARGEST_TABLE_BYTES);
}

/** The `k` most frequent outputs of a context, best first; of all contexts if this one was seen fewer than 3 times. */
export function topForecasts(table: HistoryTable, contextKey: string, k: number): Forecast[] {
  const own = ownEntry(table.contexts, contextKey);
  const context = own && own.total >= LEAST_OUTPUTS ? own : table.contexts[ALL_CONTEXTS];
  if (!context) return [];
  const { total, values } = context;
  return [...values]
    .sort((left, right) => right.hits - left.hits)
    .slice(0, k)
    .map(({ json, hits }, rank) => ({
      value: json === 'undefined' ? undefined : (JSON.parse(json) as unknown),
      source: 'history',
      rank,
      counts: { hits, total },
      costUsd: '0',
    }));
}

/** Drops the contexts that were not used for longest, until the table is small enough. `*` stays. */
export function shrinkHistory(table: HistoryTable, mostBytes: number): void {
  let keys = Object.keys(table.contexts).filter((key) => key !== ALL_CONTEXTS);
  if (keys.length <= MOST_CONTEXTS && table.bytes <= mostBytes) return;
  keys = keys.sort((left, right) => (table.contexts[left]?.lastUse ?? 0) - (table.contexts[right]?.lastUse ?? 0));
  for (const [index, key] of keys.entries()) {
    if (keys.length - index <= MOST_CONTEXTS && table.bytes <= mostBytes) return;
    table.bytes -= contextBytes(key, ownEntry(table.contexts, key));
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record, because the table is plain JSON
    delete table.contexts[key];
  }
}

function contextOf(table: HistoryTable, key: string): HistoryContext {
  const known = ownEntry(table.contexts, key);
  if (known) return known;
  const context: HistoryContext = { total: 0, lastUse: 0, values: [] };
  setOwnEntry(table.contexts, key, context);
  table.bytes += contextBytes(key, context);
  return context;
}

/**
 * Keeps the most frequent values. A newcomer replaces the rarest and starts at one: its hits may be too few, never too many, so no
 * forecast looks better than it was.
 */
function recordIn(context: HistoryContext, json: string, table: HistoryTable): void {
  context.total += 1;
  context.lastUse = table.clock;
  const known = context.values.find((value) => value.json === json);
  if (known) {
    known.hits += 1;
  } else if (sentBytes(json) <= LARGEST_VALUE_BYTES) {
    if (context.values.length >= MOST_VALUES) table.bytes -= dropRarest(context);
    context.values.push({ json, hits: 1 });
    table.bytes += valueBytes(json);
  }
}

/** Of equally rare values, the one filed first goes. Returns its bytes. */
function dropRarest(context: HistoryContext): number {
  const fewest = Math.min(...context.values.map(({ hits }) => hits));
  const [dropped] = context.values.splice(
    context.values.findIndex(({ hits }) => hits === fewest),
    1,
  );
  return dropped ? valueBytes(dropped.json) : 0;
}

function contextBytes(key: string, context: HistoryContext | undefined): number {
  const values = context?.values ?? [];
  return values.reduce((sum, { json }) => sum + valueBytes(json), sentBytes(key) + CONTEXT_OVERHEAD_BYTES);
}

function valueBytes(json: string): number {
  return sentBytes(json) + VALUE_OVERHEAD_BYTES;
}
