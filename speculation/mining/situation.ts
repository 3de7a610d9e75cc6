import { canonicalJson } from '../forecast/canonical-json';
import type { Trail } from '../forecast/trail';
import { opened, outputLeaves, valueAt, valuesAt, type Path } from './json-leaves';
import { shiftedDate } from './date-phrases';
import { tagLabel, tagsIn, type TagTree } from './output-tags';
import { tokensOf } from './text-tokens';
import { sourceKey, type ValueSource } from './value-source';

/** Name of the record that holds the arguments of the operation whose output is forecast. */
export const NOW = 'now';

/** What is known when an operation is asked for: its arguments and the calls before it, by name, each the latest first. */
export interface Situation {
  operation: string;
  tags: TagTree;
  records: ReadonlyMap<string, unknown[]>;
  /** Outputs that this operation has already had, as `outputKey` writes them. */
  made: ReadonlySet<string>;
  trail: Trail;
  memory: Map<string, unknown[]>;
}

export function situationOf(operation: string, args: readonly unknown[], trail: Trail, tags: TagTree): Situation {
  const records = new Map<string, unknown[]>([[NOW, [args]]]);
  const made = new Set<string>();
  const add = (name: string, value: unknown): void => {
    const known = records.get(name);
    if (known === undefined) records.set(name, [value]);
    else known.push(value);
  };
  for (let index = trail.length - 1; index >= 0; index -= 1) {
    const call = trail[index];
    if (call === undefined) continue;
    if (call.operation === operation) {
      // Its own arguments grow from call to call and hold what the others have answered: they are no source of their own.
      add(ownRecord(operation, tagsIn(tags, call.output)), call.output);
      made.add(outputKey(tags, call.output));
    } else {
      add(`${call.operation}.args`, call.args);
      add(`${call.operation}.output`, call.output);
    }
  }
  return { operation, tags, records, made, trail, memory: new Map() };
}

function ownRecord(operation: string, fixed: readonly (readonly [Path, unknown])[]): string {
  return `${operation}[${tagLabel(fixed)}].output`;
}

/** Outputs of this kind that the operation has already had, the latest first. */
export function earlierOutputs(
  { operation, records }: Situation,
  fixed: readonly (readonly [Path, unknown])[],
): unknown[] {
  return records.get(ownRecord(operation, fixed)) ?? [];
}

/** Kind of an output: what its tags say, and which places it has. */
export function templateKey(fixed: readonly (readonly [Path, unknown])[], places: readonly Path[]): string {
  return JSON.stringify([fixed, places]);
}

export interface TakenApart {
  fixed: [Path, unknown][];
  places: Path[];
  values: unknown[];
  template: string;
}

/** An output as its template and the values at its places. */
export function takenApart(tags: TagTree, output: unknown): TakenApart {
  const fixed = tagsIn(tags, output);
  const isFixed = new Set(fixed.map(([path]) => JSON.stringify(path)));
  const leaves = outputLeaves(output).filter(({ path }) => !isFixed.has(JSON.stringify(path)));
  const places = leaves.map(({ path }) => path);
  return { fixed, places, values: leaves.map(({ value }) => value), template: templateKey(fixed, places) };
}

export function outputKey(tags: TagTree, output: unknown): string {
  const { template, values } = takenApart(tags, output);
  return valuesKey(template, values);
}

export function valuesKey(template: string, values: readonly unknown[]): string {
  let key = template;
  for (const value of values) key += `\u0001${typeof value === 'string' ? `"${value}` : canonicalJson(value)}`;
  return key;
}

/** Most elements of a list that are tried. */
const MOST_ELEMENTS = 64;

/** The value that a source gives, in a list; for a source that takes the next element all elements, `undefined` where one lacks the field. */
export function valuesOf(situation: Situation, source: ValueSource): readonly unknown[] {
  if (source.from === 'constant') return [source.value];
  const key = sourceKey(source);
  let values = situation.memory.get(key);
  if (values === undefined) {
    values = found(situation, source);
    situation.memory.set(key, values);
  }
  return values;
}

function found(situation: Situation, source: Exclude<ValueSource, { from: 'constant' }>): unknown[] {
  const records = situation.records.get(source.record) ?? [];
  switch (source.from) {
    case 'path': {
      const value = valueAt(records[source.back], source.path);
      const moved = source.days === undefined ? value : shiftedDate(value, source.days);
      return moved === undefined ? [] : [moved];
    }
    case 'element': {
      const each = source.path.indexOf(null);
      const list = opened(valueAt(records[source.back], source.path.slice(0, each)));
      if (!Array.isArray(list)) return [];
      return list.slice(0, MOST_ELEMENTS).map((element) => valueAt(element, source.path, each + 1));
    }
    case 'token': {
      const tokens = tokensIn(situation, source);
      if (source.index === null) return tokens;
      const value = tokens.at(source.index);
      return value === undefined ? [] : [value];
    }
  }
}

function tokensIn(situation: Situation, { record, back, path, shape }: ValueSource & { from: 'token' }): unknown[] {
  const key = `${record}|${back}|${JSON.stringify(path)}|${JSON.stringify(shape)}`;
  const known = situation.memory.get(key);
  if (known !== undefined) return known;
  const records = situation.records.get(record) ?? [];
  const chosen = back === null ? records : records.slice(back, back + 1);
  const texts = chosen.flatMap((each) => valuesAt(each, path).reverse()).filter((text) => typeof text === 'string');
  const tokens = [...new Set(texts.slice(0, MOST_ELEMENTS).flatMap((text) => tokensOf(text, shape)))];
  situation.memory.set(key, tokens);
  return tokens;
}
