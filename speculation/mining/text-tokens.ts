import { datePhrases } from './date-phrases';
import { hasShape, kindsOf, type TokenShape } from './token-shape';

/** Texts beyond this are cut: nobody names a value there. */
const LONGEST_TEXT = 8_000;
const MOST_TEXTS = 2_000;

interface Word {
  at: number;
  word: string;
  kinds: ReadonlySet<string>;
}

interface ReadText {
  words: Word[];
  dates: ReturnType<typeof datePhrases>;
}

// The same texts are looked at for each place and at each step of a run.
const readTexts = new Map<string, ReadText>();

/** Words of a text without the punctuation around them that have a shape, in the order of the text; days also where they are named in words. */
export function tokensOf(text: string, shape: TokenShape): unknown[] {
  const { words, dates } = readText(text.slice(0, LONGEST_TEXT));
  const found: { at: number; value: unknown }[] = [];
  for (const { at, word, kinds } of words) {
    if (!hasShape(word, kinds, shape)) continue;
    const value = shape.type === 'number' ? Number(word) : word;
    if (!Number.isNaN(value)) found.push({ at, value });
  }
  if (shape.year !== undefined)
    for (const { at, year, monthAndDay } of dates) found.push({ at, value: `${year ?? shape.year}-${monthAndDay}` });
  return found.sort((left, right) => left.at - right.at).map(({ value }) => value);
}

function readText(text: string): ReadText {
  const known = readTexts.get(text);
  if (known !== undefined) return known;
  const words: Word[] = [];
  for (const match of text.matchAll(/[^\s()[\]{}<>"'“”‘’«»*`,;:!?|]+/g)) {
    const word = match[0].replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
    if (word !== '') words.push({ at: match.index, word, kinds: kindsOf(word) });
  }
  const read = { words, dates: datePhrases(text) };
  if (readTexts.size >= MOST_TEXTS) readTexts.clear();
  readTexts.set(text, read);
  return read;
}
