import { canonicalJson } from '../forecast/canonical-json';
import { UNKNOWN, type PartialValue } from '../forecast/partial-value';
import { structureOf } from './structure-of';

/** What two documents that may be known in part both say. */
export function knownInBoth(left: PartialValue, right: PartialValue): PartialValue {
  if (left === right) return left;
  if (left.kind === 'known' && right.kind === 'known' && canonicalJson(left.value) === canonicalJson(right.value)) {
    return left;
  }
  const [one, other] = [structureOf(left), structureOf(right)];
  if (one?.kind === 'object' && other?.kind === 'object') {
    const members = new Map<string, PartialValue>();
    for (const [key, member] of one.members) {
      const counterpart = other.members.get(key);
      if (counterpart !== undefined) members.set(key, knownInBoth(member, counterpart));
    }
    const sameKeys = members.size === one.members.size && members.size === other.members.size;
    return { kind: 'object', closed: one.closed && other.closed && sameKeys, members };
  }
  if (one?.kind === 'array' && other?.kind === 'array') {
    const length = Math.min(one.elements.length, other.elements.length);
    const elements = one.elements
      .slice(0, length)
      .map((element, index) => knownInBoth(element, other.elements[index] ?? UNKNOWN));
    return {
      kind: 'array',
      closed: one.closed && other.closed && one.elements.length === other.elements.length,
      elements,
    };
  }
  return textInBoth(left, right);
}

function textInBoth(left: PartialValue, right: PartialValue): PartialValue {
  const [one, other] = [textOf(left), textOf(right)];
  if (one === null || other === null) return UNKNOWN;
  const [shorter, longer] = one.length <= other.length ? [one, other] : [other, one];
  return longer.startsWith(shorter) ? { kind: 'text', begins: shorter } : UNKNOWN;
}

function textOf(node: PartialValue): string | null {
  if (node.kind === 'text') return node.begins;
  return node.kind === 'known' && typeof node.value === 'string' ? node.value : null;
}
