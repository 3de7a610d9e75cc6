import type { InvoiceLine } from './invoice';

/** One request in a usage export, with the names that such exports use. */
interface ExportedRow {
  /** Empty when the reply broke off before its id was known. */
  request_id: string;
  client_request_id: string;
  model: string;
  /** All prompt tokens, cached ones and ones written to the cache included. */
  input_tokens: number;
  cached_input_tokens: number;
  cache_write_tokens: number;
  output_tokens: number;
  /** US dollars, an exact decimal. */
  cost_usd: string;
  /** ISO 8601. */
  started_at: string;
}

const COLUMNS = [
  'request_id',
  'client_request_id',
  'model',
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'cost_usd',
  'started_at',
] as const satisfies readonly (keyof ExportedRow)[];

/**
 * The invoice as a provider's usage export: a row for each request that is charged for, in order of arrival. A request that was refused
 * with an error status is not in it.
 */
export function exportUsage(invoice: readonly InvoiceLine[], format: 'csv' | 'json'): string {
  const rows = invoice.filter(({ inputTokens, outputTokens }) => inputTokens + outputTokens > 0).map(rowOf);
  if (format === 'json') return `${JSON.stringify({ data: rows }, null, 2)}\n`;
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`;
}

function rowOf(line: InvoiceLine): ExportedRow {
  return {
    request_id: line.requestId ?? '',
    client_request_id: line.clientRequestId ?? '',
    model: line.model,
    input_tokens: line.inputTokens,
    cached_input_tokens: line.cachedInputTokens,
    cache_write_tokens: line.cacheWriteTokens,
    output_tokens: line.outputTokens,
    cost_usd: line.costUsd,
    started_at: new Date(line.startedAtMs).toISOString(),
  };
}

/** RFC 4180. */
function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines by the client's own id of the request; those without one are left out. One id may have several lines. */
export function linesByClientRequestId(invoice: readonly InvoiceLine[]): Map<string, InvoiceLine[]> {
  const byId = new Map<string, InvoiceLine[]>();
  for (const line of invoice) {
    if (line.clientRequestId === null) continue;
    byId.set(line.clientRequestId, [...(byId.get(line.clientRequestId) ?? []), line]);
  }
  return byId;
}
