import { expectedOverlapSeconds } from '../../speculation/estimate/overlap';

const ascending = new WeakMap<readonly number[], boolean>();
const overlaps = new WeakMap<readonly number[], WeakMap<readonly number[], number>>();

/**
 * `expectedOverlapSeconds` in one pass where both lists ascend, as expected durations do: the same mean, up to the order of its sum.
 *
 * @param remaining ascending if the list of durations that it is left of is
 * @param duration a list that is never changed
 */
export function overlapSeconds(remaining: readonly number[], duration: readonly number[]): number {
  const pairs = remaining.length * duration.length;
  if (pairs === 0) return 0;
  if (!isAscending(duration) || !isSorted(remaining)) return expectedOverlapSeconds(remaining, duration);
  let sum = 0;
  let below = 0;
  let index = 0;
  for (const upstream of remaining) {
    for (; index < duration.length; index++) {
      const downstream = duration[index] as number;
      if (downstream > upstream) break;
      below += downstream;
    }
    sum += below + upstream * (duration.length - index);
  }
  return sum / pairs;
}

/** The same for two lists that are never changed: computed once. */
export function overlapOf(upstream: readonly number[], downstream: readonly number[]): number {
  let known = overlaps.get(upstream);
  if (known === undefined) {
    known = new WeakMap();
    overlaps.set(upstream, known);
  }
  let seconds = known.get(downstream);
  if (seconds === undefined) {
    seconds = overlapSeconds(upstream, downstream);
    known.set(downstream, seconds);
  }
  return seconds;
}

function isAscending(points: readonly number[]): boolean {
  let known = ascending.get(points);
  if (known === undefined) {
    known = isSorted(points);
    ascending.set(points, known);
  }
  return known;
}

function isSorted(points: readonly number[]): boolean {
  for (let index = 1; index < points.length; index++) {
    if ((points[index] as number) < (points[index - 1] as number)) return false;
  }
  return true;
}
