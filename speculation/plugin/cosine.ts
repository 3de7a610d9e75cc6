/**
 * Cosine of the angle between two vectors: 1 for the same direction, 0 for nothing in common. They need not be normalised.
 *
 * @returns 0 where there is no angle, as for a vector of zeros
 * @throws RangeError for vectors of different lengths or with what is not a number: they are not embeddings of one model
 */
export function cosine(left: readonly number[], right: readonly number[]): number {
  if (left.length !== right.length) {
    throw new RangeError(`Embeddings of ${left.length} and ${right.length} numbers cannot be compared; use one model.`);
  }
  let [product, leftSquares, rightSquares] = [0, 0, 0];
  for (const [index, one] of left.entries()) {
    const other = right[index] ?? 0;
    product += one * other;
    leftSquares += one * one;
    rightSquares += other * other;
  }
  const lengths = Math.sqrt(leftSquares) * Math.sqrt(rightSquares);
  if (!Number.isFinite(product) || !Number.isFinite(lengths)) {
    throw new RangeError('An embedding has an element that is not a finite number.');
  }
  return lengths === 0 ? 0 : Math.max(-1, Math.min(1, product / lengths));
}
