import type { UsageRecord } from './usage';

const UNKNOWN_MODEL = 'unknown';

/**
 * Stands for the bill of an attempt that timed out before any of its bills got through, where nobody knows what it can be expected to have
 * cost. It is in no sum, and keeps the entry from looking as if it had cost nothing.
 *
 * @param requestId the id that the first request of the attempt bore, by which the provider's export may know it
 */
export function missingBill(requestId: string, attempt: number): UsageRecord {
  return {
    requestId,
    model: UNKNOWN_MODEL,
    tokens: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 },
    rates: null,
    costUsd: '0',
    estimated: true,
    lost: true,
    attempt,
  };
}

export function isMissingBill({ lost, model, rates }: UsageRecord): boolean {
  return lost === true && rates === null && model === UNKNOWN_MODEL;
}
