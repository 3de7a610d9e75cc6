/*
 * Records whose keys come from outside. `record[key]` would find `constructor` on the prototype, and `record['__proto__'] = x`
 * would replace the prototype; these do neither.
 */

export function ownEntry<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

export function setOwnEntry<T>(record: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    record[key] = value;
  }
}

/** The entry of a key, made and kept if there is none. */
export function entryOf<T>(record: Record<string, T>, key: string, empty: () => T): T {
  const known = ownEntry(record, key);
  if (known !== undefined) return known;
  const created = empty();
  setOwnEntry(record, key, created);
  return created;
}
