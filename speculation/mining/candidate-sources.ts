import { canonicalJson } from '../forecast/canonical-json';
import { shiftedDate } from './date-phrases';
import { opened, type Path } from './json-leaves';
import { LONGEST_CONSTANT } from './output-tags';
import { NOW, valuesOf, type Situation } from './situation';
import type { TokenShape } from './token-shape';
import { sourceKey, type ValueSource } from './value-source';

/** How many calls of each operation are looked at, the latest first. */
const CALLS_BACK = 2;
/** Of each list these are looked at by index, beside the last; of each list this many in turn. */
const BY_INDEX = 3;
const MOST_ELEMENTS = 64;
const DEEPEST = 8;

export interface Place {
  value: unknown;
  /** What values at this place look like; null if they are no tokens. */
  shape: TokenShape | null;
}

/** All sources from which the values at the places of an output could have come, for each place. */
export function candidateSources(situation: Situation, places: readonly Place[]): ValueSource[][] {
  const found = places.map(() => new Map<string, ValueSource>());
  const wanted = new Map<string, { index: number; days?: number }[]>();
  const want = (value: unknown, index: number, days?: number): void => {
    const text = textOf(value);
    wanted.set(text, [...(wanted.get(text) ?? []), { index, ...(days !== undefined && { days }) }]);
  };
  for (const [index, { value }] of places.entries()) {
    want(value, index);
    for (const days of [-1, 1]) {
      const moved = shiftedDate(value, -days);
      if (moved !== undefined) want(moved, index, days);
    }
    if (isConstant(value)) add(found[index], { from: 'constant', value });
  }
  for (const [record, calls] of situation.records) {
    for (const [back, call] of calls.slice(0, CALLS_BACK).entries()) {
      walk(
        call,
        [],
        (value, path) => {
          for (const { index, days } of wanted.get(textOf(value)) ?? []) {
            if (!path.includes(null)) {
              add(found[index], { from: 'path', record, back, path, ...(days !== undefined && { days }) });
            } else if (days === undefined) add(found[index], { from: 'element', record, back, path });
          }
          if (typeof value === 'string' && /\s/.test(value.trim()))
            for (const [index, place] of places.entries())
              if (place.shape !== null) {
                const base = { from: 'token', record, path, shape: place.shape } as const;
                if (!path.includes(null)) addTokens(situation, found[index], place.value, { ...base, back });
                if (back === 0) addTokens(situation, found[index], place.value, { ...base, back: null });
              }
        },
        record === NOW || record.endsWith('.args'),
      );
    }
  }
  return found.map((sources) => [...sources.values()]);
}

function isConstant(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= LONGEST_CONSTANT;
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}

function addTokens(
  situation: Situation,
  found: Map<string, ValueSource> | undefined,
  value: unknown,
  base: Omit<ValueSource & { from: 'token' }, 'index'>,
): void {
  const free: ValueSource = { ...base, index: null };
  if (found?.has(sourceKey(free)) === true) return;
  const tokens = valuesOf(situation, free);
  const at = tokens.indexOf(value);
  if (at < 0) return;
  add(found, free);
  if (at < BY_INDEX) add(found, { ...base, index: at });
  if (at === tokens.length - 1) add(found, { ...base, index: -1 });
}

function add(found: Map<string, ValueSource> | undefined, source: ValueSource): void {
  found?.set(sourceKey(source), source);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? `"${value}` : canonicalJson(value);
}

/** Visits the values inside, each by all paths that name it. */
function walk(value: unknown, path: Path, visit: (value: unknown, path: Path) => void, isArguments = false): void {
  const inside = opened(value);
  if (typeof inside !== 'object' || inside === null) {
    visit(inside, path);
    return;
  }
  if (path.length >= DEEPEST) return;
  if (!Array.isArray(inside)) {
    const entries = Object.entries(inside);
    if (entries.length === 0) visit(inside, path);
    for (const [key, each] of entries) walk(each, [...path, key], visit);
    return;
  }
  if (inside.length === 0 || inside.every((each) => typeof each !== 'object')) visit(inside, path);
  const isListed = !isArguments && !path.includes(null);
  for (const [index, each] of inside.slice(0, MOST_ELEMENTS).entries()) {
    if (isListed) walk(each, [...path, null], visit);
    if (index < BY_INDEX) walk(each, [...path, index], visit);
  }
  if (!isArguments) walk(inside.at(-1), [...path, -1], visit);
}
