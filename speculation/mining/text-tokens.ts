import { datePhrases } from './date-phrases';
import { hasShape, type TokenShape } from './token-shape';

/** Texts beyond this are cut: nobody names a value there. */
const LONGEST_TEXT = 8_000;

/** Words of a text without the punctuation around them that have a shape, in the order of the text; days also where they are named in words. */
export function tokensOf(text: string, shape: TokenShape): unknown[] {
  const found: { at: number; value: unknown }[] = [];
  const cut = text.slice(0, LONGEST_TEXT);
  for (const match of cut.matchAll(/[^\s()[\]{}<>"'“”‘’«»*`,;:!?|]+/g)) {
    const word = match[0].replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
    if (word === '' || !hasShape(word, shape)) continue;
    const value = shape.type === 'number' ? Number(word) : word;
    if (!Number.isNaN(value)) found.push({ at: match.index, value });
  }
  if (shape.year !== undefined)
    for (const { at, year, monthAndDay } of datePhrases(cut))
      found.push({ at, value: `${year ?? shape.year}-${monthAndDay}` });
  return found.sort((left, right) => left.at - right.at).map(({ value }) => value);
}
