import { createHash } from 'node:crypto';

/** A number from `low` to `high` that depends on the key alone. */
export function between(low: number, high: number, key: string): number {
  return low + (high - low) * (createHash('sha1').update(key).digest().readUInt32LE() / 0xffffffff);
}

/** Like `between`, and as tools are: most are quick, a few take nearly as long as the longest. */
export function heavyTailed(low: number, high: number, key: string): number {
  return low * (high / low) ** (between(0, 1, key) ** 3);
}

const WORDS = (
  'amber basin cedar delta ember fjord grove harbor inlet jasper kiln lagoon meadow nectar orchard pebble quarry ' +
  'ridge saddle timber upland valley willow yarrow zephyr atlas beacon copper dune echo field garden'
).split(' ');

/** That many words that depend on the key alone; about a token each. */
export function words(count: number, key: string): string {
  return Array.from(
    { length: count },
    (_, index) => WORDS[Math.floor(between(0, WORDS.length - 0.001, `${key}/${index}`))],
  ).join(' ');
}
