import { addLatency, emptyLatencyHistogram, latencyQuantile, type LatencyHistogram } from './latency-histogram';

/**
 * How fast a model answers, across all operations that use it: seconds per output token, by size class of the answer. The time to the first
 * token makes short answers slow for each of their tokens, so sizes are kept apart. Class i holds answers of (4^(i-1), 4^i] tokens.
 */
export type ModelSpeed = Partial<Record<string, LatencyHistogram>>;

const CLASS_FACTOR = 4;

/** Counts one answered call, in place. An answer without tokens says nothing about speed. */
export function addModelCall(speed: ModelSpeed, outputTokens: number, seconds: number): void {
  if (!(outputTokens > 0) || !(seconds >= 0)) return;
  addLatency((speed[sizeClass(outputTokens)] ??= emptyLatencyHistogram()), seconds / outputTokens);
}

/**
 * Usual duration of an answer of that many tokens, seconds: tokens divided by the median speed of answers of that size, else of the next
 * larger or smaller size. Null where only answers of very different size are known: their speed would mislead.
 */
export function answerSeconds(speed: ModelSpeed, outputTokens: number): number | null {
  if (!(outputTokens > 0)) return null;
  const own = sizeClass(outputTokens);
  for (const near of [own, own + 1, own - 1]) {
    const histogram = speed[near];
    const perToken = histogram === undefined ? null : latencyQuantile(histogram, 0.5);
    if (perToken !== null) return perToken * outputTokens;
  }
  return null;
}

function sizeClass(outputTokens: number): number {
  return Math.max(0, Math.ceil(Math.log(outputTokens) / Math.log(CLASS_FACTOR) - 1e-9));
}
