/** How many were counted until when. */
export interface RateSample {
  atMs: number;
  counted: number;
}

/** Observations a second over the whole, and in the worst stretch of `windowMs`; both from the first to the last one. */
export function ratesOf(
  samples: readonly RateSample[],
  windowMs = 10_000,
): { sustainedPerSecond: number; worstPerSecond: number } {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) {
    return { sustainedPerSecond: 0, worstPerSecond: 0 };
  }
  const rate = (from: RateSample, to: RateSample): number =>
    ((to.counted - from.counted) * 1000) / (to.atMs - from.atMs);
  const sustainedPerSecond = rate(first, last);
  let worstPerSecond = sustainedPerSecond;
  let start = 0;
  for (const sample of samples) {
    while (start + 1 < samples.length && sample.atMs - (samples[start + 1]?.atMs ?? Infinity) >= windowMs) start += 1;
    const from = samples[start];
    if (from !== undefined && sample.atMs - from.atMs >= windowMs) {
      worstPerSecond = Math.min(worstPerSecond, rate(from, sample));
    }
  }
  return { sustainedPerSecond, worstPerSecond };
}
