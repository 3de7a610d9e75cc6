import type { FrontierPoint } from '../measure/policy-comparison';

/** A point this many times as slow or as dear as the middle one would press all others into a corner. */
const FAR = 8;
/** Most that may be left out of a drawing, as a share of the points. */
const FEW = 0.25;

/** Points that a drawing leaves out and names instead: a few that are far slower or far dearer than most. */
export function farPoints(points: readonly FrontierPoint[]): Set<FrontierPoint> {
  const limits = [FAR * middle(points.map(({ seconds }) => seconds)), FAR * middle(points.map(({ usd }) => usd))];
  const [mostSeconds = 0, mostUsd = 0] = limits;
  const far = points.filter(
    ({ seconds, usd }) => (mostSeconds > 0 && seconds > mostSeconds) || (mostUsd > 0 && usd > mostUsd),
  );
  return new Set(far.length <= FEW * points.length ? far : []);
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
