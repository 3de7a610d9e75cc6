import { canonicalJson } from './canonical-json';
import { ownEntry, setOwnEntry } from './own-entry';

/** Where in a JSON document: keys of objects and indices of arrays, from the outside in. */
export type JsonPath = readonly (string | number)[];

/**
 * A JSON document of which some is not known yet. What is `known` is final. An `object` or `array` has begun and may grow, unless it is
 * `closed`: then no key or element is added, and only what is inside may still grow. A `text` is a string that has begun: it starts like
 * this.
 */
export type PartialValue =
  | { kind: 'unknown' }
  | { kind: 'known'; value: unknown }
  | { kind: 'text'; begins: string }
  | { kind: 'object'; closed: boolean; members: Map<string, PartialValue> }
  | { kind: 'array'; closed: boolean; elements: PartialValue[] };

/** One thing that became known of a document. Plain JSON, as it travels in a signal. */
export type PartialChange =
  /** The value at this place is final. */
  | { at: JsonPath; is: unknown }
  /** An object or an array begins here. */
  | { at: JsonPath; opens: 'object' | 'array' }
  /** Everything that this object or array will have is there. */
  | { at: JsonPath; closes: true }
  /** A string that is not complete begins like this. */
  | { at: JsonPath; begins: string };

export const UNKNOWN: PartialValue = { kind: 'unknown' };

/** More elements at once that nothing was said about say that something is wrong. */
const MOST_MISSING_ELEMENTS = 10_000;

/**
 * The document with one more thing known. Nothing that was known is ever changed: a change at a place that is known already, inside of
 * what is no container, or that contradicts what is there, is ignored. An element of an array says that those before it are there.
 */
export function withChange(document: PartialValue, change: PartialChange): PartialValue {
  return changedAt(document, change.at, 0, change);
}

function changedAt(node: PartialValue, path: JsonPath, depth: number, change: PartialChange): PartialValue {
  if (node.kind === 'known') return node;
  const step = path[depth];
  if (step === undefined) return changedHere(node, change);
  if (typeof step === 'string' && (node.kind === 'object' || node.kind === 'unknown')) {
    const members = new Map(node.kind === 'object' ? node.members : []);
    if (node.kind === 'object' && node.closed && !members.has(step)) return node;
    members.set(step, changedAt(members.get(step) ?? UNKNOWN, path, depth + 1, change));
    return complete({ kind: 'object', closed: node.kind === 'object' && node.closed, members });
  }
  if (typeof step === 'number' && (node.kind === 'array' || node.kind === 'unknown')) {
    const elements = node.kind === 'array' ? [...node.elements] : [];
    if (!Number.isSafeInteger(step) || step < 0 || step > elements.length + MOST_MISSING_ELEMENTS) return node;
    if (node.kind === 'array' && node.closed && step >= elements.length) return node;
    while (elements.length < step) elements.push(UNKNOWN);
    elements[step] = changedAt(elements[step] ?? UNKNOWN, path, depth + 1, change);
    return complete({ kind: 'array', closed: node.kind === 'array' && node.closed, elements });
  }
  return node;
}

function changedHere(node: PartialValue, change: PartialChange): PartialValue {
  if ('is' in change) return mayBecome(node, change.is) ? { kind: 'known', value: change.is } : node;
  if ('begins' in change) {
    const grows = node.kind === 'unknown' || (node.kind === 'text' && change.begins.startsWith(node.begins));
    return grows ? { kind: 'text', begins: change.begins } : node;
  }
  if ('opens' in change) {
    if (node.kind !== 'unknown') return node;
    return change.opens === 'object'
      ? { kind: 'object', closed: false, members: new Map() }
      : { kind: 'array', closed: false, elements: [] };
  }
  return node.kind === 'object' || node.kind === 'array' ? complete({ ...node, closed: true }) : node;
}

/** A closed container of which everything is known is known itself. */
function complete(node: PartialValue & { kind: 'object' | 'array' }): PartialValue {
  if (!node.closed) return node;
  if (node.kind === 'array') {
    if (!node.elements.every(isKnown)) return node;
    return { kind: 'known', value: node.elements.map(({ value }) => value) };
  }
  const value: Record<string, unknown> = {};
  for (const [key, member] of node.members) {
    if (!isKnown(member)) return node;
    setOwnEntry(value, key, member.value);
  }
  return { kind: 'known', value };
}

function isKnown(node: PartialValue): node is PartialValue & { kind: 'known' } {
  return node.kind === 'known';
}

/** Whether a value could still be what the document turns out to be. Compared as JSON, see `canonicalJson`. */
export function mayBecome(document: PartialValue, value: unknown): boolean {
  switch (document.kind) {
    case 'unknown':
      return true;
    case 'known':
      return canonicalJson(document.value) === canonicalJson(value);
    case 'text':
      return typeof value === 'string' && value.startsWith(document.begins);
    case 'array': {
      if (!Array.isArray(value) || value.length < document.elements.length) return false;
      if (document.closed && value.length !== document.elements.length) return false;
      // JSON writes null for an element that it cannot say.
      return document.elements.every((element, index) =>
        mayBecome(element, isSaid(value[index]) ? value[index] : null),
      );
    }
    case 'object': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
      const entries = value as Record<string, unknown>;
      const said = Object.keys(entries).filter((key) => isSaid(ownEntry(entries, key)));
      if (document.closed && said.length !== document.members.size) return false;
      return [...document.members].every(([key, member]) => {
        const entry = ownEntry(entries, key);
        return isSaid(entry) && mayBecome(member, entry);
      });
    }
  }
}

/** Whether JSON says it at all: it leaves such members out. */
function isSaid(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

/** What of the document is known, as JSON: for people to read. What is open ends in `…`. */
export function describePartial(document: PartialValue): string {
  switch (document.kind) {
    case 'unknown':
      return '…';
    case 'known':
      return canonicalJson(document.value);
    case 'text':
      return `${JSON.stringify(document.begins).slice(0, -1)}…`;
    case 'array': {
      const parts = document.elements.map(describePartial);
      return `[${[...parts, ...(document.closed ? [] : ['…'])].join(',')}]`;
    }
    case 'object': {
      const parts = [...document.members].map(([key, member]) => `${JSON.stringify(key)}:${describePartial(member)}`);
      return `{${[...parts, ...(document.closed ? [] : ['…'])].join(',')}}`;
    }
  }
}
