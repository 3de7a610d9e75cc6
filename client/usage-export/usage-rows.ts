import type { UsageRow } from '../../speculation/ledger/usage-row';
import { RowReader, type ExportRecord } from './export-record';

/**
 * One request of an export.
 *
 * @throws UsageExportError for a value that is none, or a row that neither counts tokens nor money
 */
export function usageRow(file: string, record: ExportRecord): UsageRow {
  const row = new RowReader(file, record);
  const inputTokens = row.tokens('inputTokens');
  const outputTokens = row.tokens('outputTokens');
  const costUsd = row.dollars('costUsd');
  if ((inputTokens === null || outputTokens === null) && costUsd === null) {
    throw row.refuse('has neither tokens nor dollars; give input_tokens and output_tokens, or cost_usd, in every row.');
  }
  return {
    place: row.place,
    requestId: row.text('requestId'),
    clientRequestId: row.text('clientRequestId'),
    model: row.text('model') ?? '',
    tokens:
      inputTokens === null || outputTokens === null
        ? null
        : {
            inputTokens,
            cachedInputTokens: row.tokens('cachedInputTokens'),
            cacheWriteTokens: row.tokens('cacheWriteTokens'),
            outputTokens,
          },
    costUsd,
    startedAtMs: row.time('startedAt'),
  };
}
