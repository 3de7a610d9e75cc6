import { UNKNOWN, type JsonPath, type PartialChange, type PartialValue } from '../forecast/partial-value';
import { structureOf } from './structure-of';

/** A container that is complete is announced as one value up to this size, characters and parts; a larger one in its parts. */
const MOST_AS_A_WHOLE = 1_000;
const NO_MEMBERS: ReadonlyMap<string, PartialValue> = new Map();

type Container = PartialValue & { kind: 'object' | 'array' };

/** The changes that lead from a document to one of which more is known, outer ones first and elements in order. */
export function changesBetween(before: PartialValue, after: PartialValue, at: JsonPath = []): PartialChange[] {
  const changes: PartialChange[] = [];
  collect(before, after, at, changes);
  return changes;
}

function collect(before: PartialValue, after: PartialValue, at: JsonPath, changes: PartialChange[]): void {
  if (before === after || before.kind === 'known' || after.kind === 'unknown') return;
  if (after.kind === 'text') {
    if (before.kind !== 'text' || before.begins !== after.begins) changes.push({ at, begins: after.begins });
    return;
  }
  const structure = structureOf(after);
  if (after.kind === 'known' && (structure === null || (before.kind === 'unknown' && isSmall(after.value)))) {
    changes.push({ at, is: after.value });
    return;
  }
  if (structure === null) return;
  if (before.kind === 'unknown') changes.push({ at, opens: structure.kind });
  if (structure.kind === 'array') {
    const earlier = before.kind === 'array' ? before.elements : [];
    for (const [index, element] of structure.elements.entries()) {
      collect(earlier[index] ?? UNKNOWN, element, [...at, index], changes);
    }
  } else {
    const earlier = before.kind === 'object' ? before.members : NO_MEMBERS;
    for (const [key, member] of structure.members) collect(earlier.get(key) ?? UNKNOWN, member, [...at, key], changes);
  }
  if (!structure.closed || ('closed' in before && before.closed && saysAllParts(before))) return;
  if (saysAllParts(structure)) changes.push({ at, closes: true });
}

/** A part of which nothing is known cannot be said, and a container that lacks it would pass for complete. */
function saysAllParts(container: Container): boolean {
  const parts = container.kind === 'array' ? container.elements.slice(-1) : [...container.members.values()];
  return parts.every(({ kind }) => kind !== 'unknown');
}

function isSmall(value: unknown): boolean {
  let left = MOST_AS_A_WHOLE;
  const take = (part: unknown): void => {
    left -= typeof part === 'string' ? part.length : 1;
    if (left < 0 || typeof part !== 'object' || part === null) return;
    for (const [key, inner] of Object.entries(part)) {
      left -= key.length;
      if (left < 0) return;
      take(inner);
    }
  };
  take(value);
  return left >= 0;
}
