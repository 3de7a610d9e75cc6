import type { JsonPath, PartialChange } from '../forecast/partial-value';

/** Most that the changes of one signal may take as JSON, bytes. */
const MOST_BYTES = 64_000;

/**
 * Changes that wait for the next signal, in order. Of an open string only the latest beginning waits. What is too large for a signal, and
 * what JSON cannot say, is left out for good: it comes with the result itself.
 */
export class PendingChanges {
  readonly #waiting = new Map<string, PartialChange>();
  readonly #leftOut: JsonPath[] = [];
  #finals = 0;
  #added = 0;

  /** Whether anything that waits is final. */
  get hasFinal(): boolean {
    return this.#finals > 0;
  }

  /** @returns the change as it will be sent; null for one that is left out */
  add(change: PartialChange): PartialChange | null {
    if ('begins' in change) return this.#wait(beginning(change.at), { at: [...change.at], begins: change.begins });
    const json = asJson(change);
    if (json === null || Buffer.byteLength(json) >= MOST_BYTES) {
      this.#leftOut.push(change.at);
      return null;
    }
    // A container that lacks something would pass for complete.
    if ('closes' in change && this.#leftOut.some((path) => isWithin(path, change.at))) return null;
    if ('is' in change) this.#waiting.delete(beginning(change.at));
    // A copy: whoever added it may change it before it is sent.
    return this.#wait(String((this.#added += 1)), JSON.parse(json) as PartialChange);
  }

  /** Takes as many as fit into one signal. */
  take(): PartialChange[] {
    const taken: PartialChange[] = [];
    let total = 0;
    for (const [key, change] of this.#waiting) {
      const bytes = Buffer.byteLength(JSON.stringify(change)) + 1;
      // The beginning of something that is too large is of no use to anybody either.
      if (bytes <= MOST_BYTES) {
        if (total + bytes > MOST_BYTES) break;
        total += bytes;
        taken.push(change);
      }
      this.#waiting.delete(key);
      if (isFinal(change)) this.#finals -= 1;
    }
    return taken;
  }

  #wait(key: string, change: PartialChange): PartialChange {
    this.#waiting.set(key, change);
    if (isFinal(change)) this.#finals += 1;
    return change;
  }
}

function beginning(at: JsonPath): string {
  return `begins ${JSON.stringify(at)}`;
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
