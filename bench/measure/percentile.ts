/**
 * A percentile by linear interpolation between the two nearest values.
 *
 * @param values in any order, at least one
 * @param share 0.5 for the median
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('percentile: there are no values');
  return below + (above - below) * (position - Math.floor(position));
}
