import { seededRandom } from '../scenarios/seeded-random';

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * A stream of random numbers of its own for each list of keys, so that one part of a simulation that draws more or less than before does
 * not disturb the others. The same keys give the same stream.
 */
export function randomStream(seed: number, ...keys: readonly (number | string)[]): Random {
  let mixed = 0x811c9dc5;
  for (const character of [seed, ...keys].join('/')) {
    mixed = Math.imul(mixed ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  // FNV-1a leaves streams of neighbouring keys similar; one more avalanche sets them apart.
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return seededRandom(mixed ^ (mixed >>> 16));
}

/** A standard normal number, by Box and Muller. */
export function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
