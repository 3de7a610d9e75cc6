/** Uniform numbers in [0, 1), the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One element; with weights, as often as its weight says. */
export function pick<T>(random: () => number, items: readonly T[], weights?: readonly number[]): T {
  const weightOf = (index: number): number => weights?.[index] ?? 1;
  const total = items.reduce((sum, _item, index) => sum + weightOf(index), 0);
  let left = random() * total;
  for (const [index, item] of items.entries()) {
    left -= weightOf(index);
    if (left < 0) return item;
  }
  const last = items.at(-1);
  if (last === undefined) throw new RangeError('pick: there is nothing to pick from');
  return last;
}
