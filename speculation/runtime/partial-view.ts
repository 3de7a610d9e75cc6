import { clonePlain } from '../forecast/canonical-json';
import type { JsonPath, PartialValue } from '../forecast/partial-value';
import { partialList } from './partial-list';

/** What the view of a partial value needs to know. */
export interface PartialSource {
  /** What is known by now; grows, and never changes what it said. */
  document(): PartialValue;
  /** Called where somebody reads what is not known: a place, or all of what is there (`whole`). Never returns. */
  missing(path: JsonPath, whole: boolean): never;
}

/** Asked for by the language itself, of any object: nobody means a field of that name. */
const ASKED_OF_ANY_OBJECT: ReadonlySet<string> = new Set([
  'then',
  'toJSON',
  ...Object.getOwnPropertyNames(Object.prototype),
]);

/**
 * A partial value as the pipeline function sees it in a fiber: a copy of what is known, and objects that end the fiber where something is
 * read that is not, or where all of it is needed (keys, spread, JSON).
 */
export function viewOf(source: PartialSource, path: JsonPath = []): unknown {
  const node = nodeAt(source.document(), path);
  switch (node?.kind) {
    case 'known':
      return clonePlain(node.value);
    case 'object':
      return partialObject(source, path);
    case 'array':
      return partialArray(source, path);
    default:
      return source.missing(path, true);
  }
}

/** Whether there is something to look at: a value, or an object or list that has begun. */
export function isViewable(node: PartialValue | undefined): boolean {
  return node?.kind === 'known' || node?.kind === 'object' || node?.kind === 'array';
}

/** What is known at a place; undefined where nothing has begun. */
export function nodeAt(document: PartialValue, path: JsonPath): PartialValue | undefined {
  let node: PartialValue | undefined = document;
  for (const step of path) {
    if (node === undefined) return undefined;
    node = childOf(node, step);
  }
  return node;
}

function childOf(node: PartialValue, step: string | number): PartialValue | undefined {
  if (node.kind === 'object') return typeof step === 'string' ? node.members.get(step) : undefined;
  if (node.kind === 'array') return typeof step === 'number' ? node.elements[step] : undefined;
  if (node.kind !== 'known' || typeof node.value !== 'object' || node.value === null) return undefined;
  const inside = node.value as Record<string | number, unknown>;
  return Object.hasOwn(inside, step) ? { kind: 'known', value: inside[step] } : undefined;
}

/** Whether an object or list has all of its members, though they may not be known. */
export function isClosed(node: PartialValue | undefined): boolean {
  return node?.kind === 'known' || ((node?.kind === 'object' || node?.kind === 'array') && node.closed);
}

function partialObject(source: PartialSource, path: JsonPath): object {
  // What was seen, and what the pipeline itself has set.
  const seen: Record<string, unknown> = {};
  const here = (): PartialValue | undefined => nodeAt(source.document(), path);
  const has = (key: string): boolean => {
    if (Object.hasOwn(seen, key)) return true;
    const node = here();
    if (node !== undefined && isViewable(childOf(node, key))) return true;
    if (isClosed(node) && (node === undefined || childOf(node, key) === undefined)) return false;
    return ASKED_OF_ANY_OBJECT.has(key) ? false : source.missing([...path, key], false);
  };
  const read = (key: string): unknown => {
    if (!Object.hasOwn(seen, key)) define(seen, key, viewOf(source, [...path, key]));
    return Object.getOwnPropertyDescriptor(seen, key)?.value as unknown;
  };
  const keys = (): string[] => {
    const node = here();
    if (!isClosed(node)) return source.missing(path, true);
    const known =
      node?.kind === 'object'
        ? [...node.members.keys()]
        : node?.kind === 'known'
          ? Object.keys(node.value as object)
          : [];
    return [...new Set([...known, ...Object.keys(seen)])];
  };
  return new Proxy(seen, {
    get: (target, key, receiver) =>
      typeof key === 'string' && has(key) ? read(key) : (Reflect.get(target, key, receiver) as unknown),
    has: (target, key) => (typeof key === 'string' && has(key)) || Reflect.has(target, key),
    ownKeys: keys,
    getOwnPropertyDescriptor: (target, key) => {
      if (typeof key === 'string' && has(key)) read(key);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
    deleteProperty: () => source.missing(path, true),
  });
}

function partialArray(source: PartialSource, path: JsonPath): unknown[] {
  const seen: unknown[] = [];
  const here = (): PartialValue | undefined => nodeAt(source.document(), path);
  const elements = (): unknown[] => {
    const node = here();
    while (node !== undefined && isViewable(childOf(node, seen.length))) {
      seen.push(viewOf(source, [...path, seen.length]));
    }
    return seen;
  };
  return partialList({
    elements,
    closed: () => {
      const node = here();
      if (!isClosed(node) || node === undefined) return false;
      return childOf(node, elements().length) === undefined;
    },
    missing: (index) => source.missing(index === null ? path : [...path, index], index === null),
  });
}

function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
