import { setOwnEntry } from '../forecast/own-entry';
import type { JsonPath, PartialChange } from '../forecast/partial-value';

/**
 * How deep containers are announced while they grow; one that is deeper is announced when it is complete. Each change carries its
 * path, so without an end to that, a text that only opens brackets would take space in the square of its length.
 */
const ANNOUNCED_DEPTH = 64;

interface Container {
  path: JsonPath;
  /** Keys that an object has said; null for an array. */
  keys: Set<string> | null;
  key: string;
  length: number;
  /** What is in it, where that is announced as a whole; else null. */
  built: unknown[] | Record<string, unknown> | null;
}

/** Keeps the place in a document that is read from the beginning, and says what becomes known of it. */
export class AnnouncedDocument {
  readonly #at: JsonPath;
  readonly #containers: Container[] = [];
  #changes: PartialChange[] = [];

  constructor(at: JsonPath) {
    this.#at = at;
  }

  /** The innermost container that is open. */
  get inside(): 'object' | 'array' | null {
    const container = this.#containers.at(-1);
    if (container === undefined) return null;
    return container.keys === null ? 'array' : 'object';
  }

  open(kind: 'object' | 'array'): void {
    const whole = this.#containers.length >= ANNOUNCED_DEPTH;
    const path = this.#isPartOfWhole() ? [] : this.#path();
    const built = whole ? (kind === 'object' ? {} : []) : null;
    if (!whole) this.#changes.push({ at: path, opens: kind });
    this.#containers.push({ path, keys: kind === 'object' ? new Set() : null, key: '', length: 0, built });
  }

  close(): void {
    const container = this.#containers.pop();
    if (container === undefined) return;
    if (container.built !== null) {
      this.finish(container.built);
      return;
    }
    this.#changes.push({ at: container.path, closes: true });
    this.#next();
  }

  /** @returns false if the object has said this key already */
  sayKey(key: string): boolean {
    const container = this.#containers.at(-1);
    if (container === undefined || container.keys === null || container.keys.has(key)) return false;
    container.keys.add(key);
    container.key = key;
    return true;
  }

  /** A value is complete: it is announced, or becomes part of what will be. */
  finish(value: unknown): void {
    const container = this.#containers.at(-1);
    if (container === undefined || container.built === null) this.#changes.push({ at: this.#path(), is: value });
    else if (Array.isArray(container.built)) container.built.push(value);
    else setOwnEntry(container.built, container.key, value);
    this.#next();
  }

  begin(text: string): void {
    if (!this.#isPartOfWhole()) this.#changes.push({ at: this.#path(), begins: text });
  }

  /** What became known since this was asked last. */
  take(): PartialChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  #isPartOfWhole(): boolean {
    const container = this.#containers.at(-1);
    return container !== undefined && container.built !== null;
  }

  #next(): void {
    const container = this.#containers.at(-1);
    if (container !== undefined) container.length += 1;
  }

  /** Of the value that is being read. */
  #path(): JsonPath {
    const container = this.#containers.at(-1);
    if (container === undefined) return this.#at;
    return [...container.path, container.keys === null ? container.length : container.key];
  }
}
