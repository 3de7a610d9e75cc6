/** q(m) of Speculative Actions for the m likeliest: the probability that one of these independent candidates is right. */
export function hitOf(probabilities: readonly number[], m = probabilities.length): number {
  const likeliest = [...probabilities].sort((left, right) => right - left).slice(0, m);
  return 1 - likeliest.reduce((missed, p) => missed * (1 - p), 1);
}

/** The root of value = l - E max over m of { q(m) value - c m }, by bisection, every breadth tried. */
export function bisectedHitValue(steps: readonly (readonly number[])[], l: number, c: number): number {
  const bestOf = (probabilities: readonly number[], value: number): number =>
    Math.max(...Array.from({ length: probabilities.length + 1 }, (_, m) => hitOf(probabilities, m) * value - c * m));
  let [low, high] = [0, l];
  for (let round = 0; round < 100; round++) {
    const value = (low + high) / 2;
    const mean = steps.reduce((sum, each) => sum + bestOf(each, value), 0) / steps.length;
    if (value + mean > l) high = value;
    else low = value;
  }
  return (low + high) / 2;
}
