import { base64 } from './base64';
import { setOwnEntry } from './own-entry';

/**
 * One text for each value, whatever the order of its keys: what `JSON.stringify` would send, with sorted keys. Two values have the
 * same text exactly if a receiver of their JSON could not tell them apart. Undefined properties are dropped, `toJSON` is honoured,
 * undefined in an array is null, undefined itself is `undefined`.
 *
 * Beyond JSON: `Uint8Array` and bigint are written as objects whose keys are *not* sorted, so no plain object has the same text.
 *
 * @throws TypeError for a value that contains itself
 */
export function canonicalJson(value: unknown): string {
  return textOf(asSent(value, ''), null, []) ?? 'undefined';
}

/**
 * Deep copy of plain data: objects, arrays, `Uint8Array`, `Date`. Other objects (class instances, functions) are returned as they
 * are. Values that occur twice, or in themselves, do so in the copy.
 */
export function clonePlain<T>(value: T): T {
  return cloneOf(value, new Map()) as T;
}

/**
 * JSON path of the first place, in key order, where two values differ as JSON, such as `$.args[0].id`. Null if they do not.
 *
 * @throws TypeError for a value that contains itself
 */
export function firstDifference(left: unknown, right: unknown): string | null {
  return differenceAt(left, right, '', '$');
}

/** From a value to one inside: a key, an index, or null at the outermost. */
type Step = string | number | null;

interface Ancestor {
  value: object;
  step: Step;
}

/** Only for errors: writing the path of each value would take longer than its text. */
function pathOf(ancestors: readonly Ancestor[]): string {
  return ancestors.reduce((path, { step }) => {
    if (step === null) return '$';
    return typeof step === 'number' ? indexPath(path, step) : keyPath(path, step);
  }, '$');
}

/** Text of a value that `asSent` has prepared; undefined if JSON leaves it out. */
function textOf(value: unknown, step: Step, ancestors: Ancestor[]): string | undefined {
  switch (typeof value) {
    case 'bigint':
      return `{"$type":"bigint","$digits":"${value.toString()}"}`;
    case 'object':
      break;
    default:
      return JSON.stringify(value);
  }
  if (value === null) return 'null';
  if (isBytes(value)) return `{"$type":"bytes","$base64":"${base64(value)}"}`;

  const same = ancestors.findIndex((ancestor) => ancestor.value === value);
  if (same >= 0) {
    const [path, container] = [pathOf([...ancestors, { value, step }]), pathOf(ancestors.slice(0, same + 1))];
    throw new TypeError(`cannot be written as JSON: ${path} is the same object as ${container}, which contains it`);
  }
  ancestors.push({ value, step });
  const text = Array.isArray(value) ? arrayText(value, ancestors) : objectText(value, ancestors);
  ancestors.pop();
  return text;
}

function arrayText(array: readonly unknown[], ancestors: Ancestor[]): string {
  const elements: string[] = [];
  for (let index = 0; index < array.length; index++) {
    elements.push(textOf(asSent(array[index], String(index)), index, ancestors) ?? 'null');
  }
  return `[${elements.join(',')}]`;
}

function objectText(object: object, ancestors: Ancestor[]): string {
  const members: string[] = [];
  for (const key of Object.keys(object).sort()) {
    const text = textOf(asSent(memberOf(object, key), key), key, ancestors);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

/** What JSON.stringify makes of a value before it writes it: `toJSON` called, boxed primitives unboxed. */
function asSent(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || isBytes(value)) return value;
  const { toJSON } = value as { toJSON?: unknown };
  const sent: unknown = typeof toJSON === 'function' ? (toJSON as (key: string) => unknown).call(value, key) : value;
  const isBoxed = sent instanceof Number || sent instanceof String || sent instanceof Boolean;
  return isBoxed ? sent.valueOf() : sent;
}

/** By tag and not by `instanceof`, because bytes may come from outside the sandbox. */
function isBytes(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function memberOf(object: object, key: string): unknown {
  return (object as Record<string, unknown>)[key];
}

function differenceAt(left: unknown, right: unknown, key: string, path: string): string | null {
  if (canonicalJson(left) === canonicalJson(right)) return null;
  const [leftSent, rightSent] = [asSent(left, key), asSent(right, key)];
  if (Array.isArray(leftSent) && Array.isArray(rightSent)) {
    for (let index = 0; index < Math.max(leftSent.length, rightSent.length); index++) {
      const here = indexPath(path, index);
      if (index >= leftSent.length || index >= rightSent.length) return here;
      const difference = differenceAt(elementOf(leftSent, index), elementOf(rightSent, index), String(index), here);
      if (difference !== null) return difference;
    }
  } else if (isKeyed(leftSent) && isKeyed(rightSent)) {
    for (const member of [...new Set([...Object.keys(leftSent), ...Object.keys(rightSent)])].sort()) {
      const [leftMember, rightMember] = [ownMember(leftSent, member), ownMember(rightSent, member)];
      const difference = differenceAt(leftMember, rightMember, member, keyPath(path, member));
      if (difference !== null) return difference;
    }
  }
  return path;
}

function isKeyed(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isBytes(value);
}

function ownMember(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? memberOf(object, key) : undefined;
}

/** In an array, JSON writes null for what it leaves out of an object. */
function elementOf(array: readonly unknown[], index: number): unknown {
  const element = array[index];
  return typeof element === 'function' || typeof element === 'symbol' ? null : (element ?? null);
}

function indexPath(path: string, index: number): string {
  return `${path}[${index}]`;
}

function keyPath(path: string, key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function cloneOf(value: unknown, copies: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  if (isBytes(value)) return remember(value, Uint8Array.prototype.slice.call(value), copies);
  if (value instanceof Date) return remember(value, new Date(value.getTime()), copies);
  if (Array.isArray(value)) {
    const copy = remember<unknown[]>(value, [], copies);
    for (const element of value as unknown[]) copy.push(cloneOf(element, copies));
    return copy;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isPlainPrototype(prototype)) return value;
  const copy = remember<Record<string, unknown>>(value, Object.create(prototype) as Record<string, unknown>, copies);
  for (const key of Object.keys(value)) setOwnEntry(copy, key, cloneOf(memberOf(value, key), copies));
  return copy;
}

function remember<T>(original: object, copy: T, copies: Map<object, unknown>): T {
  copies.set(original, copy);
  return copy;
}

/** `Object.prototype` of any realm, or none. */
function isPlainPrototype(prototype: unknown): prototype is object | null {
  return prototype === null || (typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null);
}
