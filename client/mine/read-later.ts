import { canonicalJson } from '../../speculation/forecast/canonical-json';
import type { Trail } from '../../speculation/forecast/trail';

/** Shorter texts, and numbers with fewer digits, turn up in other texts by chance. */
const SHORTEST_INSIDE = 4;

/**
 * Activity types whose outputs are worth forecasting: they have more than one distinct output, so that a constant would not do, and some of
 * an output is in the arguments of a later call of the same session, so that something waits for it.
 */
export function operationsReadLater(sessions: readonly Trail[]): string[] {
  const outputs = new Map<string, Set<string>>();
  const read = new Set<string>();
  for (const session of sessions) {
    const waiting: { operation: string; leaves: Leaf[] }[] = [];
    for (const { operation, args, output } of session) {
      const given = leavesOf(args);
      const texts = given.filter((leaf) => typeof leaf === 'string');
      for (const { operation: earlier, leaves } of waiting) {
        if (!read.has(earlier) && leaves.some((leaf) => isIn(leaf, given, texts))) read.add(earlier);
      }
      let seen = outputs.get(operation);
      if (seen === undefined) outputs.set(operation, (seen = new Set()));
      seen.add(canonicalJson(output));
      if (!read.has(operation)) waiting.push({ operation, leaves: leavesOf(output) });
    }
  }
  return [...outputs].flatMap(([operation, { size }]) => (size > 1 && read.has(operation) ? [operation] : [])).sort();
}

type Leaf = string | number;

/** Texts and numbers; what is true, false or null says nothing about where it came from. */
function leavesOf(value: unknown): Leaf[] {
  if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(leavesOf);
}

function isIn(leaf: Leaf, given: readonly Leaf[], texts: readonly string[]): boolean {
  if (given.includes(leaf)) return true;
  const text = String(leaf);
  return text.length >= SHORTEST_INSIDE && texts.some((each) => each.includes(text));
}
