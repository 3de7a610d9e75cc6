import type { PartialValue } from '../forecast/partial-value';

/** A container, also one that is known, as its parts; null for what is none. */
export function structureOf(node: PartialValue): (PartialValue & { kind: 'object' | 'array' }) | null {
  if (node.kind === 'object' || node.kind === 'array') return node;
  if (node.kind !== 'known' || typeof node.value !== 'object' || node.value === null) return null;
  if (Array.isArray(node.value)) return { kind: 'array', closed: true, elements: node.value.map(knownAs) };
  const members = Object.entries(node.value).map(([key, value]) => [key, knownAs(value)] as const);
  return { kind: 'object', closed: true, members: new Map(members) };
}

function knownAs(value: unknown): PartialValue {
  return { kind: 'known', value };
}
