import { ownEntry, setOwnEntry } from '../forecast/own-entry';
import { UNKNOWN, type PartialValue } from '../forecast/partial-value';

/**
 * What a schema left as it was read, as part of what it made of it: what it took away is not missed, and what it changed or added is
 * unknown.
 *
 * @param read plain JSON
 */
export function keptBy(read: unknown, made: unknown): PartialValue {
  if (read === made && typeof read !== 'object') return { kind: 'known', value: read };
  if (read === null) return made === null ? { kind: 'known', value: null } : UNKNOWN;
  if (Array.isArray(read)) return Array.isArray(made) ? keptArray(read, made) : UNKNOWN;
  return isPlain(read) && isPlain(made) ? keptObject(read, made) : UNKNOWN;
}

function keptArray(read: readonly unknown[], made: readonly unknown[]): PartialValue {
  const elements = Array.from(made, (value, index) => (index < read.length ? keptBy(read[index], value) : UNKNOWN));
  const value: unknown[] = [];
  for (const element of elements) {
    if (element.kind !== 'known') return { kind: 'array', closed: true, elements };
    value.push(element.value);
  }
  return { kind: 'known', value };
}

function keptObject(read: Record<string, unknown>, made: Record<string, unknown>): PartialValue {
  const members = new Map<string, PartialValue>();
  const value: Record<string, unknown> = {};
  let known = true;
  for (const [key, there] of Object.entries(made)) {
    // JSON leaves it out.
    if (there === undefined) continue;
    const member = Object.hasOwn(read, key) ? keptBy(ownEntry(read, key), there) : UNKNOWN;
    members.set(key, member);
    if (member.kind === 'known') setOwnEntry(value, key, member.value);
    else known = false;
  }
  return known ? { kind: 'known', value } : { kind: 'object', closed: true, members };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'toJSON' in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
