import { FiberEnded, held, inOwnStrand } from './fiber';

/** Elements of a list as far as they are known. */
export interface ListSource {
  /** Those that are there by now. */
  elements(): unknown[];
  /** No element is added any more. */
  closed(): boolean;
  /** Called where somebody asks for what is not known: for the element at an index, or for the list as a whole. Never returns. */
  missing(index: number | null): never;
}

type Callback = (element: unknown, index: number, list: unknown) => unknown;

type Method = (source: ListSource, list: unknown, callback: Callback, self?: unknown) => unknown;

/**
 * An array that is not complete. Going through it with `map`, `filter`, `forEach`, `for ... of` and the like works element by element, as
 * far as elements are known; everything that needs the whole list, such as its length, ends the path of execution there.
 */
export function partialList(source: ListSource): unknown[] {
  const target: unknown[] = [];
  const list: unknown[] = new Proxy(target, {
    get: (_, key, receiver) => {
      if (Object.hasOwn(target, key) && key !== 'length') return Reflect.get(target, key, receiver) as unknown;
      if (typeof key === 'string' && isIndex(key)) return elementAt(source, Number(key));
      if (key === 'length') return lengthOf(source);
      const method = Object.hasOwn(METHODS, key) ? (METHODS[key as keyof typeof METHODS] as Method) : undefined;
      if (method !== undefined) return (...args: [Callback, unknown]) => method(source, list, ...args);
      return Reflect.get(target, key, receiver) as unknown;
    },
    has: (_, key) =>
      typeof key === 'string' && isIndex(key) ? hasElement(source, Number(key)) : Reflect.has(target, key),
    ownKeys: () => {
      lengthOf(source);
      return [...source.elements().keys()].map(String).concat('length');
    },
    getOwnPropertyDescriptor: (_, key) => {
      if (key === 'length') return { value: lengthOf(source), writable: true, enumerable: false, configurable: false };
      if (typeof key !== 'string' || !isIndex(key)) return Reflect.getOwnPropertyDescriptor(target, key);
      if (!hasElement(source, Number(key))) return undefined;
      return { value: elementAt(source, Number(key)), writable: true, enumerable: true, configurable: true };
    },
    // Changing a list that is not there yet makes no sense of it.
    set: () => source.missing(null),
    deleteProperty: () => source.missing(null),
    defineProperty: () => source.missing(null),
  });
  return list;
}

function isIndex(key: string): boolean {
  return /^(0|[1-9]\d*)$/.test(key);
}

function lengthOf(source: ListSource): number {
  return source.closed() ? source.elements().length : source.missing(null);
}

function hasElement(source: ListSource, index: number): boolean {
  if (index < source.elements().length) return true;
  return source.closed() ? false : source.missing(index);
}

function elementAt(source: ListSource, index: number): unknown {
  return hasElement(source, index) ? source.elements()[index] : undefined;
}

/** Each element in turn, including those that come while somebody goes through them. */
function* each(source: ListSource): Generator<[number, unknown]> {
  for (let index = 0; hasElement(source, index); index++) yield [index, elementAt(source, index)];
}

/**
 * What somebody does with one element is a path of its own: it goes on although the next element is not known. Where it ends because it
 * needs more than is known, nobody must take that for an error: a promise of it is never settled.
 */
function called(callback: Callback, self: unknown, element: unknown, index: number, list: unknown): unknown {
  const made = inOwnStrand(() => callback.call(self, element, index, list));
  if (!(made instanceof Promise)) return made;
  return made.catch((error: unknown) => {
    if (error instanceof FiberEnded) return held();
    throw error;
  });
}

/** A list made of the elements that are known by now; where this list ends, that one does. */
function derived(source: ListSource, make: (element: unknown, index: number) => unknown[]): unknown[] {
  const known = source.elements();
  let closed = source.closed();
  const made: unknown[] = [];
  let index = 0;
  for (; index < known.length; index++) {
    try {
      made.push(...make(known[index], index));
    } catch (error) {
      if (!(error instanceof FiberEnded)) throw error;
      closed = false;
      break;
    }
  }
  if (closed) return made;
  return partialList({ elements: () => made, closed: () => false, missing: () => source.missing(index) });
}

const METHODS = {
  map: (source: ListSource, list: unknown, callback: Callback, self?: unknown) =>
    derived(source, (element, index) => [called(callback, self, element, index, list)]),
  filter: (source: ListSource, list: unknown, callback: Callback, self?: unknown) =>
    derived(source, (element, index) => (callback.call(self, element, index, list) ? [element] : [])),
  flatMap: (source: ListSource, list: unknown, callback: Callback, self?: unknown) =>
    derived(source, (element, index) => {
      const made = called(callback, self, element, index, list);
      return Array.isArray(made) ? (made as unknown[]) : [made];
    }),
  forEach: (source: ListSource, list: unknown, callback: Callback, self?: unknown) => {
    for (const [index, element] of each(source)) {
      try {
        called(callback, self, element, index, list);
      } catch (error) {
        if (error instanceof FiberEnded) source.missing(index);
        throw error;
      }
    }
  },
  find: (source: ListSource, list: unknown, callback: Callback, self?: unknown) => {
    for (const [index, element] of each(source)) if (callback.call(self, element, index, list)) return element;
    return undefined;
  },
  findIndex: (source: ListSource, list: unknown, callback: Callback, self?: unknown) => {
    for (const [index, element] of each(source)) if (callback.call(self, element, index, list)) return index;
    return -1;
  },
  some: (source: ListSource, list: unknown, callback: Callback, self?: unknown) => {
    for (const [index, element] of each(source)) if (callback.call(self, element, index, list)) return true;
    return false;
  },
  every: (source: ListSource, list: unknown, callback: Callback, self?: unknown) => {
    for (const [index, element] of each(source)) if (!callback.call(self, element, index, list)) return false;
    return true;
  },
  entries: (source: ListSource) => each(source),
  values: (source: ListSource) => valuesOf(source),
  [Symbol.iterator]: (source: ListSource) => valuesOf(source),
};

function* valuesOf(source: ListSource): Generator {
  for (const [, element] of each(source)) yield element;
}
