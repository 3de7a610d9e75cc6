import type { JsonPath, PartialChange } from '../forecast/partial-value';

/** Most that the changes of one signal may take as JSON, bytes. */
const MOST_BYTES = 64_000;

interface Waiting {
  change: PartialChange;
  bytes: number;
}

/**
 * Changes that wait for the next signal, in order. Of an open string only the latest beginning waits. What is too large for a signal, and
 * what JSON cannot say, is left out for good: it comes with the result itself.
 */
export class PendingChanges {
  readonly #waiting = new Map<string, Waiting>();
  readonly #leftOut: JsonPath[] = [];
  #finals = 0;
  #added = 0;

  /** Whether anything that waits is final. */
  get hasFinal(): boolean {
    return this.#finals > 0;
  }

  /** @returns the change as it will be sent; null for one that is left out */
  add(change: PartialChange): PartialChange | null {
    const json = asJson(change);
    const bytes = json === null ? Number.POSITIVE_INFINITY : Buffer.byteLength(json);
    if (json === null || bytes > MOST_BYTES) {
      if (!('begins' in change)) this.#leftOut.push(change.at);
      return null;
    }
    // A container that lacks something would pass for complete.
    if ('closes' in change && this.#leftOut.some((path) => isWithin(path, change.at))) return null;
    const beginning = `begins ${JSON.stringify(change.at)}`;
    const key = 'begins' in change ? beginning : String((this.#added += 1));
    if ('is' in change) this.#waiting.delete(beginning);
    // A copy: whoever added it may change it before it is sent.
    const copy = JSON.parse(json) as PartialChange;
    this.#waiting.set(key, { change: copy, bytes });
    if (isFinal(copy)) this.#finals += 1;
    return copy;
  }

  /** Takes as many as fit into one signal. */
  take(): PartialChange[] {
    const taken: PartialChange[] = [];
    let total = 0;
    for (const [key, { change, bytes }] of this.#waiting) {
      total += bytes + 1;
      if (total > MOST_BYTES && taken.length > 0) break;
      taken.push(change);
      this.#waiting.delete(key);
      if (isFinal(change)) this.#finals -= 1;
    }
    return taken;
  }
}

/** Null for what JSON cannot say, or would say differently. */
function asJson(change: PartialChange): string | null {
  try {
    const said: unknown = 'is' in change ? JSON.stringify(change.is) : '';
    return said === undefined ? null : JSON.stringify(change);
  } catch {
    return null;
  }
}

function isFinal(change: PartialChange): boolean {
  return 'is' in change || 'closes' in change;
}

function isWithin(path: JsonPath, container: JsonPath): boolean {
  return container.length <= path.length && container.every((step, depth) => step === path[depth]);
}
