/**
 * Durations in logarithmic buckets, as in DDSketch (arXiv:1908.10693): every quantile is off by at most 5 %, two histograms can be
 * merged, and it is plain JSON. Bucket i holds seconds in (GAMMA^(i-1), GAMMA^i].
 */
export interface LatencyHistogram {
  buckets: Record<string, number>;
  count: number;
}

/** (GAMMA - 1) / (GAMMA + 1) is the relative error: 4.8 %. */
const GAMMA = 1.1;
const SHORTEST_SECONDS = 1e-4;
/** About four months; keeps the number of buckets under 300. */
const LONGEST_SECONDS = 1e7;

export function emptyLatencyHistogram(): LatencyHistogram {
  return { buckets: {}, count: 0 };
}

/** Counts one duration, in place. What is negative or no number is left out. */
export function addLatency(histogram: LatencyHistogram, seconds: number): void {
  if (!(seconds >= 0)) return;
  const bounded = Math.min(Math.max(seconds, SHORTEST_SECONDS), LONGEST_SECONDS);
  const bucket = Math.ceil(Math.log(bounded) / Math.log(GAMMA));
  histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
  histogram.count += 1;
}

/** Both together, as a new histogram. */
export function mergeLatencies(left: LatencyHistogram, right: LatencyHistogram): LatencyHistogram {
  const buckets = { ...left.buckets };
  for (const [bucket, count] of Object.entries(right.buckets)) buckets[bucket] = (buckets[bucket] ?? 0) + count;
  return { buckets, count: left.count + right.count };
}

/** Duration that a share `q` (0 to 1) of all durations does not exceed, in seconds; null without data. */
export function latencyQuantile(histogram: LatencyHistogram, q: number): number | null {
  return quantiles(histogram, [q])[0] ?? null;
}

/** The distribution as `n` equally likely durations, in seconds, ascending. Empty without data. */
export function equallyLikelyPoints(histogram: LatencyHistogram, n = 16): number[] {
  return quantiles(
    histogram,
    Array.from({ length: n }, (_, index) => (index + 0.5) / n),
  );
}

/** One pass over the buckets; `shares` must ascend. */
function quantiles({ buckets, count }: LatencyHistogram, shares: readonly number[]): number[] {
  if (count === 0) return [];
  const ascending = Object.entries(buckets)
    .map(([bucket, size]) => ({ bucket: Number(bucket), size }))
    .sort((left, right) => left.bucket - right.bucket);
  let position = 0;
  let atMost = ascending[0]?.size ?? 0;
  return shares.map((share) => {
    const rank = Math.min(Math.max(Math.ceil(share * count), 1), count);
    while (atMost < rank && position < ascending.length - 1) {
      position += 1;
      atMost += ascending[position]?.size ?? 0;
    }
    return bucketSeconds(ascending[position]?.bucket ?? 0);
  });
}

/** The value whose relative distance to both ends of the bucket is the same. */
function bucketSeconds(bucket: number): number {
  return (2 * GAMMA ** bucket) / (GAMMA + 1);
}
