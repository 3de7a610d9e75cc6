import type { JsonPath } from '../../speculation/forecast/partial-value';

/** There is nothing at this place of the answer. */
export class NoSuchFieldError extends Error {
  override readonly name = 'NoSuchFieldError';
  readonly code = 'NO_SUCH_FIELD';
}

/**
 * How many characters of `JSON.stringify(value)` have to be read until the value at a place is final: its last character, and for a number
 * the one behind it, because another digit could follow.
 *
 * @param path @default the whole document
 * @throws NoSuchFieldError
 */
export function finalOffset(value: unknown, path: JsonPath = []): number {
  return endOf(value, path, 0, path);
}

function endOf(value: unknown, rest: JsonPath, start: number, path: JsonPath): number {
  const [step, ...inside] = rest;
  if (step === undefined) {
    const isOpenNumber = typeof value === 'number' && path.length > 0;
    return start + textOf(value).length + (isOpenNumber ? 1 : 0);
  }
  let at = start + 1;
  for (const [key, member] of membersOf(value)) {
    const isElement = Array.isArray(value);
    if (!isElement) at += JSON.stringify(key).length + 1;
    if (String(step) === key) return endOf(member, inside, at, path);
    at += textOf(member).length + 1;
  }
  throw new NoSuchFieldError(`${JSON.stringify(path)} leads nowhere in ${textOf(value).slice(0, 200)}`);
}

function membersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}
