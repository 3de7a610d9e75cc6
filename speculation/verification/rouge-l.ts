/** Precision, recall and their harmonic mean, each 0 to 1. */
export interface RougeL {
  precision: number;
  recall: number;
  f: number;
}

/** Larger products of word counts take longer than a local activity may. */
const MOST_PAIRS = 25_000_000;

/** Two texts that are too long to compare in memory. */
export class TextTooLongError extends Error {
  readonly code = 'RUNAHEAD_TEXT_TOO_LONG';
  override readonly name = 'TextTooLongError';

  constructor(left: number, right: number) {
    super(
      `ROUGE-L: texts of ${left} and ${right} words are too long to compare; the product may be ${MOST_PAIRS} at most, ` +
        'such as two texts of 5,000 words. Compare a field of the output.',
    );
  }
}

/**
 * ROUGE-L (Lin, ROUGE: A Package for Automatic Evaluation of Summaries, 2004, section 3.1) with beta = 1: the longest common subsequence of
 * words, as a share of the words of the candidate (precision) and of the reference (recall). Words are runs of letters and digits of any
 * script in lower case, without stemming. Two texts without words are the same; one without words has nothing in common with another.
 *
 * @throws TextTooLongError
 */
export function rougeL(reference: string, candidate: string): RougeL {
  const [expected, given] = [wordsOf(reference), wordsOf(candidate)];
  if (expected.length === 0 && given.length === 0) return { precision: 1, recall: 1, f: 1 };
  if (expected.length === 0 || given.length === 0) return { precision: 0, recall: 0, f: 0 };
  if (expected.length * given.length > MOST_PAIRS) throw new TextTooLongError(expected.length, given.length);
  const common = longestCommonSubsequence(expected, given);
  return {
    precision: common / given.length,
    recall: common / expected.length,
    f: (2 * common) / (expected.length + given.length),
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

function longestCommonSubsequence(left: readonly string[], right: readonly string[]): number {
  // Numbers compare faster than words.
  const ids = new Map<string, number>();
  const idOf = (word: string): number => {
    const id = ids.get(word) ?? ids.size;
    ids.set(word, id);
    return id;
  };
  const rows = Int32Array.from(left, idOf);
  const columns = Int32Array.from(right, idOf);
  let above = new Int32Array(columns.length + 1);
  let row = new Int32Array(columns.length + 1);
  for (const id of rows) {
    for (let column = 1; column <= columns.length; column += 1) {
      row[column] =
        columns[column - 1] === id
          ? (above[column - 1] as number) + 1
          : Math.max(above[column] as number, row[column - 1] as number);
    }
    [above, row] = [row, above];
  }
  return above[columns.length] as number;
}
