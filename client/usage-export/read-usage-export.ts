import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Span, UsageSum } from '../../speculation/ledger/reconcile-sums';
import type { UsageRow } from '../../speculation/ledger/usage-row';
import { csvRecords } from './csv-records';
import { COLUMNS, hasColumn, namesOf, type Column, type ExportRecord } from './export-record';
import { jsonRecords } from './json-records';
import { UsageExportError } from './usage-export-error';
import { usageRow } from './usage-rows';
import { isBucket, sumsOfBucket, sumsOfRow } from './usage-sums';

/** A provider's usage export: request by request, or only sums. */
export type UsageExport = { kind: 'requests'; rows: UsageRow[] } | { kind: 'sums'; sums: UsageSum[]; covered: Span[] };

export type ExportFormat = 'csv' | 'json';

const JSON_ENDINGS = ['.json', '.jsonl', '.ndjson'];
const CSV_ENDINGS = ['.csv', '.tsv'];

/**
 * Reads a usage export, all of it or nothing.
 *
 * @param format @default what the ending of the file says, else what it begins with
 * @throws UsageExportError that names file, place, column, value and the way out
 */
export async function readUsageExport(file: string, format: ExportFormat | null = null): Promise<UsageExport> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageExportError(`${file}: cannot be read (${reason}).`, { cause });
  });
  if (text.trim() === '') throw emptyExport(file);
  const records = (format ?? formatOf(file, text)) === 'json' ? jsonRecords(file, text) : csvRecords(file, text);
  const [first] = records;
  if (first === undefined) throw emptyExport(file);
  if (records.some(isBucket)) {
    return { kind: 'sums', sums: records.flatMap((each) => sumsOfBucket(file, each)), covered: records.map(spanOf) };
  }
  const names = new Set(records.flatMap(namesOf));
  const has = (column: Column): boolean => hasColumn(names, column);
  if (!has('requestId') && !has('clientRequestId') && has('requests')) {
    const sums = records.map((each) => sumsOfRow(file, each));
    return { kind: 'sums', sums, covered: sums };
  }
  if (!has('requestId') && !has('clientRequestId')) throw missing(file, names, 'requestId', 'clientRequestId');
  if (!has('costUsd') && !has('inputTokens')) throw missing(file, names, 'costUsd', 'inputTokens');
  if (has('inputTokens') !== has('outputTokens')) {
    throw missing(file, names, has('inputTokens') ? 'outputTokens' : 'inputTokens');
  }
  return { kind: 'requests', rows: records.map((each) => usageRow(file, each)) };
}

function spanOf(bucket: ExportRecord): Span {
  return { fromMs: seconds(bucket.values['start_time']), toMs: seconds(bucket.values['end_time']) };
}

function seconds(value: unknown): number | null {
  return typeof value === 'number' ? value * 1000 : null;
}

function formatOf(file: string, text: string): ExportFormat {
  const ending = extname(file).toLowerCase();
  if (JSON_ENDINGS.includes(ending)) return 'json';
  if (CSV_ENDINGS.includes(ending)) return 'csv';
  return /^\uFEFF?\s*[[{]/.test(text) ? 'json' : 'csv';
}

function emptyExport(file: string): UsageExportError {
  return new UsageExportError(`${file}: has no rows; is it the right file?`);
}

function missing(file: string, names: ReadonlySet<string>, ...columns: Column[]): UsageExportError {
  const accepted = columns.map((column) => COLUMNS[column].join(', ')).join('; or ');
  const found = [...names].slice(0, 20).join(', ');
  return new UsageExportError(
    `${file}: is in no format that is known: it has none of the columns ${accepted}. It has ${found}. ` +
      'Rename its columns, or see docs/reconcile.md for the formats.',
  );
}
