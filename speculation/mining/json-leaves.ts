/** From a value to one inside: keys and indices; -1 is the last element of a list, null each of them. */
export type Step = string | number | null;
export type Path = Step[];

export interface Leaf {
  path: (string | number)[];
  value: unknown;
}

/** A list that is longer is one value: nobody builds it element by element. */
const LONGEST_LIST = 8;

/** Nothing deeper is taken apart. */
const DEEPEST = 16;

/** What an output consists of: its values that are no objects or lists, and empty ones. */
export function outputLeaves(value: unknown, path: (string | number)[] = []): Leaf[] {
  if (path.length >= DEEPEST) return [{ path, value: null }];
  if (Array.isArray(value)) {
    if (value.length === 0 || value.length > LONGEST_LIST) return [{ path, value }];
    return value.flatMap((element, index) => outputLeaves(element, [...path, index]));
  }
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  const keys = Object.keys(value).sort();
  if (keys.length === 0) return [{ path, value: {} }];
  return keys.flatMap((key) => outputLeaves((value as Record<string, unknown>)[key], [...path, key]));
}

/** The value at a path without `null`; undefined if there is none. Texts that are JSON are gone into. */
export function valueAt(root: unknown, path: readonly Step[], from = 0): unknown {
  let value = root;
  for (let index = from; index < path.length; index += 1) {
    const step = path[index] as Step;
    value = opened(value);
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) {
      if (typeof step !== 'number') return undefined;
      value = (value as unknown[])[step < 0 ? value.length + step : step];
    } else {
      if (typeof step !== 'string' || !Object.hasOwn(value, step)) return undefined;
      value = (value as Record<string, unknown>)[step];
    }
  }
  return value;
}

/** All values at a path, in order: `null` stands for each element. */
export function valuesAt(root: unknown, path: readonly Step[]): unknown[] {
  const each = path.indexOf(null);
  if (each < 0) {
    const value = valueAt(root, path);
    return value === undefined ? [] : [value];
  }
  const list = opened(valueAt(root, path.slice(0, each)));
  if (!Array.isArray(list)) return [];
  return list.flatMap((element: unknown) => valuesAt(element, path.slice(each + 1)));
}

const LONGEST_JSON = 100_000;
const parsed = new Map<string, unknown>();
const MOST_PARSED = 500;

/** What a text says if it is a JSON object or list; else the value itself. */
export function opened(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > LONGEST_JSON || !/^\s*[[{]/.test(value)) return value;
  const known = parsed.get(value);
  if (known !== undefined) return known;
  let read: unknown = value;
  try {
    read = JSON.parse(value);
  } catch {
    // It only looks like JSON.
  }
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(value, read);
  return read;
}

/** A value with others put at its paths. Lists come from indices. */
export function built(entries: readonly (readonly [readonly Step[], unknown])[]): unknown {
  let root: unknown;
  for (const [path, value] of entries) root = withValue(root, path, 0, value);
  return root;
}

function withValue(container: unknown, path: readonly Step[], depth: number, value: unknown): unknown {
  if (depth === path.length) return value;
  const step = path[depth];
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(container) ? container : [];
    list[step] = withValue(list[step], path, depth + 1, value);
    return list;
  }
  const object = (container ?? {}) as Record<string, unknown>;
  Object.defineProperty(object, String(step), {
    value: withValue(Object.hasOwn(object, String(step)) ? object[String(step)] : undefined, path, depth + 1, value),
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return object;
}
