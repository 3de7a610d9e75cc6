import { Tokenizer, TokenType } from '@streamparser/json';
import { setOwnEntry } from '../forecast/own-entry';
import type { JsonPath, PartialChange } from '../forecast/partial-value';
import { OpenString } from './open-string';
import { UnreadableJsonError, type JsonProblem } from './unreadable-json-error';

/**
 * How deep containers are announced while they grow; one that is deeper is announced when it is complete. Each change carries its
 * path, so without an end to that, a text that only opens brackets would take space in the square of its length.
 */
const ANNOUNCED_DEPTH = 64;
/** Empty: the end of the text. */
const BEHIND_A_NUMBER = ['', ',', ']', '}', ' ', '\n', '\r', '\t'];

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

interface Frame {
  path: JsonPath;
  /** Keys that an object has said; null for an array. */
  keys: Set<string> | null;
  key: string;
  length: number;
  /** What is in it, where that is announced as a whole; else null. */
  built: unknown[] | Record<string, unknown> | null;
}

/**
 * Reads streamed JSON and says what is final. A string is final at its closing quote, a number once something follows that cannot
 * belong to it, `true`, `false` and `null` at their last letter. A container `opens` at its bracket and `closes` at the other one; from
 * a depth of 64 on it is announced as one value when it is complete. A string that is open at the end of a piece `begins` with what is
 * decoded of it.
 *
 * What is announced never changes later in a text that `JSON.parse` accepts. Therefore an object that says a key twice is refused:
 * RFC 8259 does not define which of them counts, and the first would have been announced.
 *
 * Takes time in proportion to the text: each character is looked at once.
 */
export class JsonFields {
  readonly #at: JsonPath;
  readonly #tokenizer = new Tokenizer();
  readonly #frames: Frame[] = [];
  #changes: PartialChange[] = [];
  #expected: Expected = 'value';
  #string: OpenString | null = null;
  /** Length of the open string that was announced last. */
  #announced = -1;
  /** What is being read outside of strings; empty at the end. */
  #character = '';
  #position = 0;
  #failure: UnreadableJsonError | null = null;
  #ended = false;

  /** `at` is put before every path. */
  constructor(options: { at?: JsonPath } = {}) {
    this.#at = options.at ?? [];
    this.#tokenizer.onToken = ({ token, value }) => this.#read(token, value);
  }

  /**
   * What the next piece of the text made known, in document order.
   *
   * @throws UnreadableJsonError for a text that cannot become a JSON document, or that says a key twice; from then on always
   */
  add(piece: string): PartialChange[] {
    return this.#known(() => {
      if (this.#ended) this.#fail('trailing-text', 'more text after its end');
      this.#readPiece(piece);
      this.#announceOpenString();
    });
  }

  /**
   * What became known by the text being complete.
   *
   * @throws UnreadableJsonError for a text that is not a whole JSON document
   */
  end(): PartialChange[] {
    return this.#known(() => {
      this.#ended = true;
      this.#character = '';
      if (this.#string !== null) this.#fail('truncated', 'the text ends in a string');
      this.#tokenize(() => this.#tokenizer.end(), 'truncated', 'the text ends in a value');
      if (this.#expected !== 'nothing') this.#fail('truncated', 'the text ends before the document is complete');
    });
  }

  #known(read: () => void): PartialChange[] {
    if (this.#failure !== null) throw this.#failure;
    try {
      read();
      return this.#changes;
    } finally {
      this.#changes = [];
    }
  }

  #readPiece(piece: string): void {
    const before = this.#position;
    let index = 0;
    while (index < piece.length) {
      this.#position = before + index;
      if (this.#string === null) {
        this.#readCharacter(piece.charAt(index));
        index += 1;
        continue;
      }
      index = this.#string.read(piece, index);
      this.#position = before + index;
      if (this.#string.closed) {
        this.#position -= 1;
        this.#tokenize(() => this.#tokenizer.write('"'), 'syntax', 'unexpected "');
      } else if (index < piece.length) {
        this.#fail('syntax', `unexpected ${JSON.stringify(piece.charAt(index))} in a string`);
      }
    }
    this.#position = before + piece.length;
  }

  /** The tokenizer gets an empty string for each string, and everything else as it comes. */
  #readCharacter(character: string): void {
    const found = `unexpected ${JSON.stringify(character)}`;
    this.#character = character;
    // A byte order mark is no part of JSON; the tokenizer would skip it, JSON.parse does not.
    if (character > '\x7f') this.#fail(this.#expected === 'nothing' ? 'trailing-text' : 'syntax', found);
    this.#tokenize(() => this.#tokenizer.write(character), 'syntax', found);
    if (character !== '"') return;
    if (this.#expected === 'nothing') this.#fail('trailing-text', found);
    if (this.#expected === 'colon' || this.#expected === 'comma-or-end') this.#fail('syntax', found);
    this.#string = new OpenString();
    this.#announced = -1;
  }

  #tokenize(write: () => void, problem: JsonProblem, found: string): void {
    try {
      write();
    } catch (cause) {
      if (cause instanceof UnreadableJsonError) throw cause;
      this.#fail(this.#expected === 'nothing' ? 'trailing-text' : problem, found, { cause });
    }
  }

  #fail(problem: JsonProblem, found: string, options?: ErrorOptions): never {
    this.#failure = new UnreadableJsonError(problem, this.#position, found, options);
    throw this.#failure;
  }

  #read(token: TokenType, value: unknown): void {
    switch (token) {
      case TokenType.STRING: {
        this.#readString();
        return;
      }
      case TokenType.NUMBER:
        if (!BEHIND_A_NUMBER.includes(this.#character)) this.#unexpected(this.#character);
        this.#expectValue(value);
        {
          this.#finish(value);
          return;
        }
      case TokenType.TRUE:
      case TokenType.FALSE:
      case TokenType.NULL:
        this.#expectValue(value);
        {
          this.#finish(value);
          return;
        }
      case TokenType.LEFT_BRACE:
      case TokenType.LEFT_BRACKET:
        this.#expectValue(value);
        {
          this.#open(token === TokenType.LEFT_BRACE);
          return;
        }
      case TokenType.RIGHT_BRACE:
      case TokenType.RIGHT_BRACKET: {
        this.#close(token === TokenType.RIGHT_BRACE, value);
        return;
      }
      case TokenType.COLON:
        this.#expect(value, 'colon');
        this.#expected = 'value';
        return;
      case TokenType.COMMA:
        this.#expect(value, 'comma-or-end');
        this.#expected = this.#frames.at(-1)?.keys === null ? 'value' : 'key';
        return;
      case TokenType.SEPARATOR:
        return;
    }
  }

  #readString(): void {
    const { decoded } = this.#string ?? new OpenString();
    this.#string = null;
    const frame = this.#frames.at(-1);
    if (frame === undefined || (this.#expected !== 'key' && this.#expected !== 'key-or-end')) {
      this.#finish(decoded);
      return;
    }
    if (frame.keys?.has(decoded) === true) this.#fail('duplicate-key', `the key ${JSON.stringify(decoded)} again`);
    frame.keys?.add(decoded);
    frame.key = decoded;
    this.#expected = 'colon';
  }

  #open(object: boolean): void {
    const parent = this.#frames.at(-1);
    const whole = this.#frames.length >= ANNOUNCED_DEPTH;
    const path = whole && parent !== undefined && parent.built !== null ? parent.path : this.#path();
    const built = whole ? (object ? {} : []) : null;
    if (!whole) this.#changes.push({ at: path, opens: object ? 'object' : 'array' });
    this.#frames.push({ path, keys: object ? new Set() : null, key: '', length: 0, built });
    this.#expected = object ? 'key-or-end' : 'value-or-end';
  }

  #close(object: boolean, value: unknown): void {
    this.#expect(value, 'comma-or-end', object ? 'key-or-end' : 'value-or-end');
    const frame = this.#frames.at(-1);
    if (frame === undefined || (frame.keys !== null) !== object) this.#unexpected(value);
    this.#frames.pop();
    if (frame.built !== null) {
      this.#finish(frame.built);
      return;
    }
    this.#changes.push({ at: frame.path, closes: true });
    this.#finished();
  }

  /** A value is complete: it is announced, or becomes part of what will be. */
  #finish(value: unknown): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined || frame.built === null) this.#changes.push({ at: this.#path(), is: value });
    else if (Array.isArray(frame.built)) frame.built.push(value);
    else setOwnEntry(frame.built, frame.key, value);
    this.#finished();
  }

  #finished(): void {
    const frame = this.#frames.at(-1);
    if (frame !== undefined) frame.length += 1;
    this.#expected = frame === undefined ? 'nothing' : 'comma-or-end';
  }

  /** Of the value that is being read. */
  #path(): JsonPath {
    const frame = this.#frames.at(-1);
    return frame === undefined ? this.#at : [...frame.path, frame.keys === null ? frame.length : frame.key];
  }

  #announceOpenString(): void {
    if (this.#string === null || (this.#expected !== 'value' && this.#expected !== 'value-or-end')) return;
    const { decoded } = this.#string;
    const frame = this.#frames.at(-1);
    if (decoded.length === this.#announced || (frame !== undefined && frame.built !== null)) return;
    this.#announced = decoded.length;
    this.#changes.push({ at: this.#path(), begins: decoded });
  }

  #expectValue(value: unknown): void {
    this.#expect(value, 'value', 'value-or-end');
  }

  #expect(value: unknown, ...allowed: Expected[]): void {
    if (!allowed.includes(this.#expected)) this.#unexpected(value);
  }

  #unexpected(value: unknown): never {
    return this.#fail(this.#expected === 'nothing' ? 'trailing-text' : 'syntax', `unexpected ${JSON.stringify(value)}`);
  }
}
