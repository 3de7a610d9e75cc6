const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const HEX_DIGIT = /[0-9a-fA-F]/;
const SHORT_ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * A JSON string that is being read, from behind its opening quote. Decoded here because the library's tokenizer loses U+FEFF, replaces
 * lone surrogates that `JSON.parse` keeps, and has no prefix to offer in the middle of an escape.
 */
export class OpenString {
  /** Decoded so far; never ends in half of an escape or of a surrogate pair. */
  decoded = '';
  closed = false;
  #highSurrogate = '';
  #escape = '';

  /**
   * Reads from `start` until behind the closing quote or to the end of the piece.
   *
   * @returns index of what it did not read; that of the offending character, and `closed` is false, if it is not at the end of the piece
   */
  read(piece: string, start: number): number {
    let index = start;
    while (index < piece.length) {
      if (this.#escape !== '') {
        if (!this.#readEscape(piece.charAt(index))) return index;
        index += 1;
        continue;
      }
      const end = endOfRun(piece, index);
      if (end > index) {
        this.#append(piece.slice(index, end));
        index = end;
        continue;
      }
      const unit = piece.charCodeAt(index);
      if (unit === QUOTE) {
        this.#close();
        return index + 1;
      }
      if (unit !== BACKSLASH) return index;
      this.#escape = '\\';
      index += 1;
    }
    return index;
  }

  #readEscape(char: string): boolean {
    if (this.#escape === '\\') {
      if (char === 'u') {
        this.#escape = '\\u';
        return true;
      }
      const meaning = SHORT_ESCAPES.get(char);
      if (meaning === undefined) return false;
      this.#escape = '';
      this.#append(meaning);
      return true;
    }
    if (!HEX_DIGIT.test(char)) return false;
    this.#escape += char;
    if (this.#escape.length === '\\uXXXX'.length) {
      const unit = String.fromCharCode(Number.parseInt(this.#escape.slice(2), 16));
      this.#escape = '';
      this.#append(unit);
    }
    return true;
  }

  #append(text: string): void {
    const last = text.charCodeAt(text.length - 1);
    const complete = last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length;
    if (complete > 0) {
      this.decoded += this.#highSurrogate + text.slice(0, complete);
      this.#highSurrogate = '';
    } else {
      this.decoded += this.#highSurrogate;
    }
    if (complete < text.length) this.#highSurrogate = text.slice(complete);
  }

  #close(): void {
    this.decoded += this.#highSurrogate;
    this.#highSurrogate = '';
    this.closed = true;
  }
}

/** Quotes, escapes and what JSON does not allow in a string end a run. */
function endOfRun(piece: string, start: number): number {
  let end = start;
  for (; end < piece.length; end++) {
    const unit = piece.charCodeAt(end);
    if (unit === QUOTE || unit === BACKSLASH || unit < SPACE) break;
  }
  return end;
}
