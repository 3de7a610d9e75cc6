import { candidateSources } from './candidate-sources';
import type { ForecastPoint } from './forecast-point';
import { valueAt, type Path } from './json-leaves';
import { guessOf, isCoherent } from './rule-guess';
import { earlierOutputs, valuesOf } from './situation';
import { shapeOf, type TokenShape } from './token-shape';
import { listKey, sourceKey, type ValueSource } from './value-source';

/** What happened in one session only is no pattern. */
const LEAST_GROUPS = 2;
/** An output of more values is never right in all of them. */
const MOST_PLACES = 16;
/** The most frequent sets of places. */
const MOST_POOLS = 64;
/** Of each place of an output that many sources are combined with those of the other places. */
const SOURCES_A_PLACE = 6;
const MOST_COMBINATIONS = 200;
const MOST_RULES = 60;

export interface TemplateRules {
  template: string;
  fixed: [Path, unknown][];
  places: Path[];
  rules: FoundRule[];
}

export interface FoundRule {
  sources: ValueSource[];
  /** Groups in which an output was made in this way. */
  groups: ReadonlySet<string>;
}

/** Whether a rule would have been found without a group. */
export function isFoundWithout(group: string, groups: ReadonlySet<string>): boolean {
  return groups.size - (groups.has(group) ? 1 : 0) >= LEAST_GROUPS;
}

/**
 * For each kind of output the ways in which its values were made in more than one session. Kinds with the same places, such as two tools with
 * the same arguments, learn from each other.
 */
export function rulesOf(points: readonly ForecastPoint[]): TemplateRules[] {
  const pools = grouped(points, ({ actual }) => JSON.stringify(actual.places))
    .filter(([first]) => (first?.actual.places.length ?? 0) <= MOST_PLACES)
    .sort((left, right) => right.length - left.length)
    .slice(0, MOST_POOLS);
  return pools.flatMap((pool) => {
    const templates = grouped(pool, ({ actual }) => actual.template).filter(isCommon);
    const places = pool[0]?.actual.places ?? [];
    const rules = templates.length === 0 ? [] : poolRules(places, pool);
    if (rules.length === 0) return [];
    return templates.flatMap(([first]) =>
      first === undefined ? [] : [{ template: first.actual.template, fixed: first.actual.fixed, places, rules }],
    );
  });
}

function isCommon(instances: readonly ForecastPoint[]): boolean {
  return new Set(instances.map(({ group }) => group)).size >= LEAST_GROUPS;
}

function grouped(points: readonly ForecastPoint[], keyOf: (point: ForecastPoint) => string): ForecastPoint[][] {
  const groups = new Map<string, ForecastPoint[]>();
  for (const point of points) {
    const key = keyOf(point);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [point]);
    else known.push(point);
  }
  return [...groups.values()];
}

function poolRules(places: readonly Path[], instances: readonly ForecastPoint[]): FoundRule[] {
  const shapes: (TokenShape | null)[] = places.map((_path, place) =>
    shapeOf(instances.map(({ actual }) => actual.values[place])),
  );
  const candidates = instances.map(({ situation, actual }) =>
    candidateSources(
      situation,
      actual.values.map((value, place) => ({ value, shape: shapes[place] ?? null })),
    ),
  );
  const ranked = places.map((_path, place) => rankedSources(place, instances, candidates));
  const support = new Map<string, { sources: ValueSource[]; groups: Set<string>; hits: number }>();
  for (const [index, { group, situation, actual }] of instances.entries()) {
    const here = places.map((_path, place) => {
      const keys = new Set((candidates[index]?.[place] ?? []).map(sourceKey));
      return (ranked[place] ?? []).filter(({ source }) => keys.has(sourceKey(source))).slice(0, SOURCES_A_PLACE);
    });
    const wanted = actual.key;
    for (const { sources } of combined(here)) {
      if (!isCoherent(sources) || guessOf(situation, actual.template, sources)?.key !== wanted) continue;
      const key = sources.map(sourceKey).join('\u0001');
      const known = support.get(key);
      if (known === undefined) support.set(key, { sources, groups: new Set([group]), hits: 1 });
      else {
        known.groups.add(group);
        known.hits += 1;
      }
    }
  }
  return [...support.entries()]
    .filter(([, { groups }]) => groups.size >= LEAST_GROUPS)
    .sort(
      ([leftKey, left], [rightKey, right]) =>
        right.groups.size - left.groups.size || right.hits - left.hits || (leftKey < rightKey ? -1 : 1),
    )
    .slice(0, MOST_RULES)
    .map(([, { sources, groups }]) => ({ sources, groups }));
}

interface RankedSource {
  source: ValueSource;
  quality: number;
}

/** Sources of a place that were right in more than one session, the most often right first. */
function rankedSources(
  place: number,
  instances: readonly ForecastPoint[],
  candidates: readonly ValueSource[][][],
): RankedSource[] {
  const found = new Map<string, { source: ValueSource; groups: Set<string>; hits: number }>();
  for (const [index, { group }] of instances.entries())
    for (const source of candidates[index]?.[place] ?? []) {
      const key = sourceKey(source);
      const known = found.get(key);
      if (known === undefined) found.set(key, { source, groups: new Set([group]), hits: 1 });
      else {
        known.groups.add(group);
        known.hits += 1;
      }
    }
  const common = [...found.entries()].filter(([, { groups }]) => groups.size >= LEAST_GROUPS);
  return common
    .map(([key, { source, hits }]) => {
      const right = listKey(source) === null ? hits : instances.filter((point) => isNext(point, place, source)).length;
      return { key, source, hits, quality: right / instances.length };
    })
    .sort((left, right) => right.quality - left.quality || right.hits - left.hits || (left.key < right.key ? -1 : 1));
}

/** Whether the value is the first of a list that was not in this place of such an output yet. */
function isNext({ situation, actual }: ForecastPoint, place: number, source: ValueSource): boolean {
  const path = actual.places[place] as Path;
  const used = new Set(earlierOutputs(situation, actual.fixed).map((output) => valueAt(output, path)));
  return valuesOf(situation, source).find((value) => !used.has(value)) === actual.values[place];
}

/** Combinations with one source for each place, those of the best sources first. */
function combined(places: readonly RankedSource[][]): { sources: ValueSource[]; quality: number }[] {
  let partial: { sources: ValueSource[]; quality: number }[] = [{ sources: [], quality: 1 }];
  for (const ranked of places) {
    partial = partial
      .flatMap(({ sources, quality }) =>
        ranked.map(({ source, quality: own }) => ({ sources: [...sources, source], quality: quality * own })),
      )
      .sort((left, right) => right.quality - left.quality)
      .slice(0, MOST_COMBINATIONS);
  }
  return partial;
}
