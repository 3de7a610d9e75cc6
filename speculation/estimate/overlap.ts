/*
 * Distributions are lists of equally likely points, in seconds, ascending; an empty list is "nothing is known".
 */

/**
 * An operation that has outlived every duration on record is expected to need a tenth of its age again. An assumption of
 * Runahead: small, so that it rarely pays for a launch, and growing, because what is late tends to stay late.
 */
const OVERDUE_SHARE = 0.1;

/** What remains of an operation that has run for `elapsedSeconds`, given its usual durations. */
export function remainingSeconds(points: readonly number[], elapsedSeconds: number): number[] {
  if (points.length === 0) return [];
  const remaining = points.filter((seconds) => seconds > elapsedSeconds).map((seconds) => seconds - elapsedSeconds);
  return remaining.length > 0 ? remaining : [OVERDUE_SHARE * elapsedSeconds];
}

/**
 * Seconds that a launch saves: the mean of min(what remains upstream, duration downstream) over all pairs of points, taking both as
 * independent. An overlap cannot save more than either. 0 where either is unknown.
 */
export function expectedOverlapSeconds(remaining: readonly number[], duration: readonly number[]): number {
  const pairs = remaining.length * duration.length;
  if (pairs === 0) return 0;
  let sum = 0;
  for (const upstream of remaining) for (const downstream of duration) sum += Math.min(upstream, downstream);
  return sum / pairs;
}

/**
 * When the later of two operations ends, for a fiber that assumes both. Points are paired in order, as if both were slow together: the
 * least that the later one can be on average, so the time saved is not overstated. If one is unknown, the other is what is known.
 */
export function maxOf(pointsA: readonly number[], pointsB: readonly number[]): number[] {
  if (pointsA.length === 0 || pointsB.length === 0) return [...pointsA, ...pointsB];
  const length = Math.max(pointsA.length, pointsB.length);
  return Array.from({ length }, (_, index) => {
    const share = (index + 0.5) / length;
    return Math.max(pointAt(pointsA, share), pointAt(pointsB, share));
  });
}

function pointAt(points: readonly number[], share: number): number {
  return points[Math.min(Math.floor(share * points.length), points.length - 1)] ?? 0;
}
