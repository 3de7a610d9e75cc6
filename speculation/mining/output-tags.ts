import { setOwnEntry } from '../forecast/own-entry';
import { outputLeaves, valueAt, type Path } from './json-leaves';

/**
 * Outputs of one operation can be of several kinds, such as calls of different tools. A tag is a value that tells them apart: knowing it, one
 * knows which other fields there are. Null where all outputs are of one kind.
 */
export type TagTree = {
  path: Path;
  /** Values after which other tags tell more. */
  cases: Record<string, TagTree>;
} | null;

/** Kinds beyond this many, or beyond the square root of the number of outputs, are no kinds, but values. */
const MOST_KINDS = 64;
const LEAST_OUTPUTS = 6;
const LEAST_GAIN = 0.3;
const DEEPEST = 3;
/**
 * Longer values are never kept as they are. Those that recur are names, codes and numbers; a long text hardly comes twice, would make a file of
 * patterns large, and may be what a user has written.
 */
export const LONGEST_CONSTANT = 64;

export function tagsOf(outputs: readonly unknown[], depth = 0): TagTree {
  if (outputs.length < LEAST_OUTPUTS || depth >= DEEPEST) return null;
  const structures = outputs.map(structureOf);
  const before = entropy(structures);
  if (before === 0) return null;
  let best: { path: Path; gain: number; kinds: number } | null = null;
  for (const { path } of outputLeaves(outputs[0])) {
    if (path.some((step) => typeof step === 'number')) continue;
    const values = outputs.map((output) => tagAt(output, path));
    if (values.includes(undefined)) continue;
    const kinds = new Set(values).size;
    if (kinds < 2 || kinds > Math.min(MOST_KINDS, Math.sqrt(outputs.length))) continue;
    const gain = 1 - conditional(structures, values as string[]) / before;
    if (gain < LEAST_GAIN) continue;
    if (best === null || gain > best.gain || (gain === best.gain && kinds < best.kinds)) best = { path, gain, kinds };
  }
  if (best === null) return null;
  const { path } = best;
  const cases: Record<string, TagTree> = {};
  for (const value of [...new Set(outputs.map((output) => tagAt(output, path) as string))].sort()) {
    const inside = tagsOf(
      outputs.filter((output) => tagAt(output, path) === value),
      depth + 1,
    );
    if (inside !== null) setOwnEntry(cases, value, inside);
  }
  return { path, cases };
}

/** The tags of an output; one with an unknown tag ends there. */
export function tagsIn(tree: TagTree, output: unknown): [Path, unknown][] {
  const found: [Path, unknown][] = [];
  let node = tree;
  while (node !== null) {
    const value = tagAt(output, node.path);
    if (value === undefined) break;
    found.push([node.path, valueAt(output, node.path)]);
    node = Object.hasOwn(node.cases, value) ? (node.cases[value] as TagTree) : null;
  }
  return found;
}

export function tagLabel(tags: readonly (readonly [Path, unknown])[]): string {
  return tags.map(([path, value]) => `${path.join('.')}=${String(value)}`).join(',');
}

function tagAt(output: unknown, path: Path): string | undefined {
  const value = valueAt(output, path);
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.length <= LONGEST_CONSTANT ? value : undefined;
}

/** Which fields there are, whatever is in them and however long its lists are. */
function structureOf(output: unknown): string {
  const paths = outputLeaves(output).map(({ path }) =>
    path.map((step) => (typeof step === 'number' ? '*' : step)).join('\u0000'),
  );
  return [...new Set(paths)].join('\u0001');
}

function entropy(values: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / values.length) * Math.log2(count / values.length),
    0,
  );
}

function conditional(values: readonly string[], given: readonly string[]): number {
  const groups = new Map<string, string[]>();
  for (const [index, key] of given.entries()) groups.set(key, [...(groups.get(key) ?? []), values[index] as string]);
  return [...groups.values()].reduce((sum, group) => sum + (group.length / values.length) * entropy(group), 0);
}
