import { addLatency, emptyLatencyHistogram, type LatencyHistogram } from './latency-histogram';
import type { OperationObservation } from './observation';
import { addTokens, type TokenStatistics } from './token-statistics';

/** How long one operation takes and what it consumes. Only successful attempts tell what the next one will need. */
export interface OperationStatistics {
  latency: LatencyHistogram;
  /** Null until an attempt reported tokens. */
  tokens: TokenStatistics | null;
  /** US dollars of all successful attempts. For estimates, not for books. */
  costUsdSum: number;
  /** Successful attempts. */
  count: number;
  /** Attempts that failed or were cancelled. */
  failures: number;
  /** US dollars of the dearest attempt, failed ones included. For estimates, not for books. @default 0 */
  dearestUsd?: number;
}

export function noOperationStatistics(): OperationStatistics {
  return { latency: emptyLatencyHistogram(), tokens: null, costUsdSum: 0, count: 0, failures: 0 };
}

export function addAttempt(statistics: OperationStatistics, attempt: OperationObservation): void {
  statistics.dearestUsd = Math.max(statistics.dearestUsd ?? 0, Number(attempt.costUsd));
  if (!attempt.succeeded) {
    statistics.failures += 1;
    return;
  }
  statistics.count += 1;
  statistics.costUsdSum += Number(attempt.costUsd);
  addLatency(statistics.latency, attempt.latencySeconds);
  if (attempt.tokens) statistics.tokens = addTokens(statistics.tokens, attempt.tokens);
}
