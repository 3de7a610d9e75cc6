import { DECLARED_CALLS } from './expected-tokens';
import { addLatency, equallyLikelyPoints, mergeLatencies, emptyLatencyHistogram } from './latency-histogram';
import type { LatencyHistogram } from './latency-histogram';

/**
 * How long the next call will take: equally likely durations, seconds, ascending. What was supposed before anything was measured counts
 * like three calls (PROPOSED, ours), so it fades as calls come in. Quantiles bound what one slow call can do: it is one of `n` calls.
 *
 * @param measured null for none
 * @param supposedSeconds declared, or from the speed of the model; null when neither is known
 * @returns the supposed duration alone while nothing was measured, empty when nothing is known
 */
export function expectedDurations(measured: LatencyHistogram | null, supposedSeconds: number | null): number[] {
  if (measured === null || measured.count === 0) return supposedSeconds === null ? [] : [supposedSeconds];
  if (supposedSeconds === null) return equallyLikelyPoints(measured);
  const supposed = emptyLatencyHistogram();
  for (let call = 0; call < DECLARED_CALLS; call += 1) addLatency(supposed, supposedSeconds);
  return equallyLikelyPoints(mergeLatencies(measured, supposed));
}
