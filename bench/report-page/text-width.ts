/*
 * There is no browser where the page is written, and each reader has fonts of their own, so widths are guessed from above: a little air beside a
 * label is better than a label over another.
 */

const NARROW = new Set("iljtfrI.,:;'|!()[]/- ");
const WIDE = new Set('mwMW@%');

/** Most pixels that a line of text takes in a usual sans-serif font. */
export function textWidth(text: string, fontPixels: number): number {
  return Array.from(text).reduce((sum, letter) => sum + letterWidth(letter), 0) * fontPixels;
}

function letterWidth(letter: string): number {
  if (NARROW.has(letter)) return 0.42;
  if (WIDE.has(letter)) return 1;
  if ((letter.codePointAt(0) ?? 0) >= 0x1100) return 1.25;
  return /[A-Z]/.test(letter) ? 0.76 : 0.65;
}

/** As much of a text as fits, with an ellipsis where something is left out. */
export function fitted(text: string, mostPixels: number, fontPixels: number): string {
  if (textWidth(text, fontPixels) <= mostPixels) return text;
  const letters = Array.from(text);
  while (letters.length > 0 && textWidth(`${letters.join('')}…`, fontPixels) > mostPixels) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}
