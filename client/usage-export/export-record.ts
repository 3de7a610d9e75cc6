import { shownValue } from '../../speculation/decision/shown-value';
import { Usd } from '../../speculation/ledger/usd';
import { UsageExportError } from './usage-export-error';

/** One row of an export, as it was found: columns by their own names. */
export interface ExportRecord {
  /** `line 7` or `item 3`. */
  place: string;
  values: Readonly<Record<string, unknown>>;
}

/** What the columns of usage exports are called; the first that a row fills counts. Case and punctuation do not matter. */
export const COLUMNS = {
  requestId: ['request_id', 'id', 'generation_id', 'response_id', 'completion_id'],
  clientRequestId: ['client_request_id', 'x_client_request_id'],
  model: ['model', 'model_name', 'model_id'],
  // A router counts with a tokenizer of its own too; what it charges for are the model's own tokens.
  inputTokens: ['input_tokens', 'native_tokens_prompt', 'prompt_tokens', 'tokens_prompt'],
  cachedInputTokens: ['cached_input_tokens', 'input_cached_tokens', 'native_tokens_cached', 'cached_tokens'],
  cacheWriteTokens: ['cache_write_tokens', 'input_cache_write_tokens'],
  outputTokens: ['output_tokens', 'native_tokens_completion', 'completion_tokens', 'tokens_completion'],
  costUsd: ['cost_usd', 'amount_usd', 'total_cost', 'cost', 'spend', 'usage'],
  startedAt: ['started_at', 'start_time', 'created_at', 'created', 'timestamp', 'date'],
  requests: ['num_model_requests', 'requests', 'num_requests'],
} as const;

export type Column = keyof typeof COLUMNS;

/** Objects whose fields count as the row's own, as in stored replies of a model. */
const NESTED = ['usage', 'prompt_tokens_details', 'input_tokens_details'];

const MOST_TOKENS = 1e12;

/** Reads the columns of one row. */
export class RowReader {
  readonly #byName: ReadonlyMap<string, { name: string; value: unknown }>;

  constructor(
    private readonly file: string,
    private readonly row: ExportRecord,
  ) {
    this.#byName = new Map(entriesOf(row.values).map(([name, value]) => [plain(name), { name, value }]));
  }

  get place(): string {
    return this.row.place;
  }

  has(column: Column): boolean {
    return this.#find(column) !== undefined;
  }

  text(column: Column): string | null {
    const found = this.#find(column);
    if (found === undefined) return null;
    if (typeof found.value === 'string' || typeof found.value === 'number') return String(found.value).trim();
    throw this.#bad(found, 'use a text');
  }

  tokens(column: Column): number | null {
    const found = this.#find(column);
    if (found === undefined) return null;
    const count = numberOf(found.value);
    if (count !== null && Number.isInteger(count) && count >= 0 && count <= MOST_TOKENS) return count;
    throw this.#bad(found, 'use a whole number of at least 0, without separators, such as 1250');
  }

  dollars(column: Column): string | null {
    const found = this.#find(column);
    if (found === undefined) return null;
    const amount = numberOf(found.value);
    // From the text itself, because a number would round it.
    if (amount !== null && amount >= 0) return new Usd(String(found.value).trim()).toFixed();
    throw this.#bad(found, 'use US dollars of at least 0 with a point and without a currency sign, such as 0.000135');
  }

  /** Milliseconds since 1970, from seconds or milliseconds since then, or from a date that ISO 8601 knows. */
  time(column: Column): number | null {
    const found = this.#find(column);
    if (found === undefined) return null;
    const time = timeOf(found.value);
    if (time !== null) return time;
    throw this.#bad(found, 'use seconds since 1970, or a date such as 2026-11-24T12:00:00Z');
  }

  refuse(problem: string): UsageExportError {
    return new UsageExportError(`${this.file}: ${this.row.place} ${problem}`);
  }

  #find(column: Column): { name: string; value: unknown } | undefined {
    for (const name of COLUMNS[column]) {
      const found = this.#byName.get(plain(name));
      if (found !== undefined && found.value !== null && found.value !== undefined && found.value !== '') return found;
    }
    return undefined;
  }

  #bad({ name, value }: { name: string; value: unknown }, wayOut: string): UsageExportError {
    return this.refuse(`has ${name} ${shownValue(value)}; ${wayOut}.`);
  }
}

/** Names of a row's columns that mean something, for a choice of what the export is. */
export function hasColumn(names: Iterable<string>, column: Column): boolean {
  const known = new Set([...names].map(plain));
  return COLUMNS[column].some((name) => known.has(plain(name)));
}

/** The names of a row's fields, those of nested objects too. */
export function namesOf({ values }: ExportRecord): string[] {
  return entriesOf(values).map(([name]) => name);
}

/** A time in an export or on the command line, milliseconds since 1970; null for what is none. */
export function timeOf(value: unknown): number | null {
  const count = numberOf(value);
  if (count !== null) return count < 0 ? null : count < 1e11 ? count * 1000 : count;
  // Only dates that begin with a year, as `Date` makes something of nearly everything.
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(value.trim())) return null;
  const text = value.trim().replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T');
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/i.test(text.slice(10));
  const time = Date.parse(hasZone || text.length === 10 ? text : `${text}Z`);
  return Number.isNaN(time) ? null : time;
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || !/^\s*-?\d+(\.\d*)?(e[+-]?\d+)?\s*$/i.test(value)) return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

function entriesOf(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && NESTED.includes(name)
      ? entriesOf(value as Record<string, unknown>)
      : [[name, value] as [string, unknown]],
  );
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
