import { shortHash } from './short-hash';

/**
 * The latest entries by key, as plain JSON: two generations, of which the older one is dropped whole when the younger one is full. So
 * each entry is kept for at least `generationSize` and fewer than twice as many later ones, and every step takes constant time.
 */
export interface RecentEntries<T> {
  generationSize: number;
  /** By hash of the key. */
  younger: Record<string, T>;
  youngerCount: number;
  older: Record<string, T>;
}

export function noRecentEntries<T>(generationSize: number): RecentEntries<T> {
  return { generationSize, younger: {}, youngerCount: 0, older: {} };
}

export function recentEntry<T>({ younger, older }: RecentEntries<T>, key: string): T | undefined {
  const hash = shortHash(key);
  return younger[hash] ?? older[hash];
}

/** Adds an entry; what is already there under the key stays. Returns whether it was new. */
export function addRecentEntry<T>(entries: RecentEntries<T>, key: string, value: T): boolean {
  if (recentEntry(entries, key) !== undefined) return false;
  if (entries.youngerCount >= entries.generationSize) {
    entries.older = entries.younger;
    entries.younger = {};
    entries.youngerCount = 0;
  }
  entries.younger[shortHash(key)] = value;
  entries.youngerCount += 1;
  return true;
}

/** Removes an entry and returns it. */
export function takeRecentEntry<T>(entries: RecentEntries<T>, key: string): T | undefined {
  const value = recentEntry(entries, key);
  const hash = shortHash(key);
  /* eslint-disable @typescript-eslint/no-dynamic-delete -- records, because the entries are plain JSON */
  if (hash in entries.younger) entries.youngerCount -= 1;
  delete entries.younger[hash];
  delete entries.older[hash];
  return value;
}
