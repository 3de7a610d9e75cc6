/** A stable number in [0, size) for a text. */
export function stableHash(text: string, size: number): number {
  let hash = 2_166_136_261;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return (hash >>> 3) % size;
}
