import { Tokenizer, TokenType } from '@streamparser/json';
import type { JsonPath, PartialChange } from '../forecast/partial-value';
import { AnnouncedDocument } from './announced-document';
import { OpenString } from './open-string';
import { UnreadableJsonError, type JsonProblem } from './unreadable-json-error';

/** Empty: the end of the text. */
const BEHIND_A_NUMBER = ['', ',', ']', '}', ' ', '\n', '\r', '\t'];

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

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
  readonly #document: AnnouncedDocument;
  readonly #tokenizer = new Tokenizer();
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
    this.#document = new AnnouncedDocument(options.at ?? []);
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
    } catch (error) {
      this.#document.take();
      throw error;
    }
    return this.#document.take();
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
      case TokenType.STRING:
        this.#readString();
        return;
      case TokenType.NUMBER:
        if (!BEHIND_A_NUMBER.includes(this.#character)) this.#unexpected(this.#character);
        this.#finish(value);
        return;
      case TokenType.TRUE:
      case TokenType.FALSE:
      case TokenType.NULL:
        this.#finish(value);
        return;
      case TokenType.LEFT_BRACE:
      case TokenType.LEFT_BRACKET: {
        const kind = token === TokenType.LEFT_BRACE ? 'object' : 'array';
        this.#expectValue(value);
        this.#document.open(kind);
        this.#expected = kind === 'object' ? 'key-or-end' : 'value-or-end';
        return;
      }
      case TokenType.RIGHT_BRACE:
      case TokenType.RIGHT_BRACKET: {
        const kind = token === TokenType.RIGHT_BRACE ? 'object' : 'array';
        this.#expect(value, 'comma-or-end', kind === 'object' ? 'key-or-end' : 'value-or-end');
        if (this.#document.inside !== kind) this.#unexpected(value);
        this.#document.close();
        this.#finished();
        return;
      }
      case TokenType.COLON:
        this.#expect(value, 'colon');
        this.#expected = 'value';
        return;
      case TokenType.COMMA:
        this.#expect(value, 'comma-or-end');
        this.#expected = this.#document.inside === 'array' ? 'value' : 'key';
        return;
      case TokenType.SEPARATOR:
        return;
    }
  }

  #readString(): void {
    const { decoded } = this.#string ?? new OpenString();
    this.#string = null;
    if (this.#expected === 'value' || this.#expected === 'value-or-end') {
      this.#finish(decoded);
      return;
    }
    if (!this.#document.sayKey(decoded)) this.#fail('duplicate-key', `the key ${JSON.stringify(decoded)} again`);
    this.#expected = 'colon';
  }

  #finish(value: unknown): void {
    this.#expectValue(value);
    this.#document.finish(value);
    this.#finished();
  }

  #finished(): void {
    this.#expected = this.#document.inside === null ? 'nothing' : 'comma-or-end';
  }

  #announceOpenString(): void {
    if (this.#string === null || (this.#expected !== 'value' && this.#expected !== 'value-or-end')) return;
    const { decoded } = this.#string;
    if (decoded.length === this.#announced) return;
    this.#announced = decoded.length;
    this.#document.begin(decoded);
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
