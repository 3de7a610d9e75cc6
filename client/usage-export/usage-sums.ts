import type { UsageSum } from '../../speculation/ledger/reconcile-sums';
import { shownValue } from '../../speculation/decision/shown-value';
import { RowReader, type ExportRecord } from './export-record';
import { UsageExportError } from './usage-export-error';

const DAY_MS = 86_400_000;

/** A bucket of a usage API: `{ start_time, end_time, results: [...] }`. */
export function isBucket({ values }: ExportRecord): boolean {
  return Array.isArray(values['results']);
}

/**
 * What a bucket of OpenAI's `/v1/organization/usage/completions` has, one sum for each result.
 *
 * @throws UsageExportError for something else among the buckets, or a value that is none
 */
export function sumsOfBucket(file: string, bucket: ExportRecord): UsageSum[] {
  const { results, start_time: start, end_time: end } = bucket.values;
  if (!Array.isArray(results)) {
    throw new UsageExportError(`${file}: ${bucket.place} has no results, and others have; is it from another export?`);
  }
  const fromMs = bucketTime(file, bucket, 'start_time', start);
  const toMs = bucketTime(file, bucket, 'end_time', end);
  return results.map((result: unknown, index) => {
    const place = `${bucket.place}, result ${index + 1}`;
    if (typeof result !== 'object' || result === null) {
      throw new UsageExportError(`${file}: ${place} is ${shownValue(result)}; use an object with input_tokens.`);
    }
    return { ...sum(file, { place, values: result as Record<string, unknown> }), fromMs, toMs };
  });
}

/** A row without request ids that counts requests, as in OpenRouter's activity: one model on one day. */
export function sumsOfRow(file: string, record: ExportRecord): UsageSum {
  const fromMs = new RowReader(file, record).time('startedAt');
  return { ...sum(file, record), fromMs, toMs: fromMs === null ? null : fromMs + DAY_MS };
}

function sum(file: string, record: ExportRecord): Omit<UsageSum, 'fromMs' | 'toMs'> {
  const row = new RowReader(file, record);
  const inputTokens = row.tokens('inputTokens');
  const outputTokens = row.tokens('outputTokens');
  if (inputTokens === null || outputTokens === null) {
    throw row.refuse('does not count tokens; give input_tokens and output_tokens.');
  }
  return {
    place: record.place,
    model: row.text('model'),
    requests: row.tokens('requests'),
    tokens: {
      inputTokens,
      cachedInputTokens: row.tokens('cachedInputTokens'),
      cacheWriteTokens: row.tokens('cacheWriteTokens'),
      outputTokens,
    },
    costUsd: row.dollars('costUsd'),
  };
}

function bucketTime(file: string, { place }: ExportRecord, name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value * 1000;
  throw new UsageExportError(`${file}: ${place} has ${name} ${shownValue(value)}; use seconds since 1970.`);
}
