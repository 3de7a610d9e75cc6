import { rougeL } from './rouge-l';

/**
 * How much of one value another has kept, 0 to 1: ROUGE-L for two texts; for JSON the mean over all places that hold a value in either of
 * them, where an equal value counts 1, two texts of several words their ROUGE-L, and everything else 0. PROPOSED: the publication scores
 * tasks with known answers; this needs none.
 *
 * @throws TextTooLongError
 */
export function agreement(expected: unknown, actual: unknown): number {
  if (typeof expected === 'string' && typeof actual === 'string') return rougeL(expected, actual).f;
  const wanted = leavesOf(expected);
  const given = leavesOf(actual);
  const places = new Set([...wanted.keys(), ...given.keys()]);
  let kept = 0;
  for (const place of places) {
    if (wanted.has(place) && given.has(place)) kept += leafAgreement(wanted.get(place), given.get(place));
  }
  return kept / places.size;
}

function leafAgreement(expected: unknown, actual: unknown): number {
  if (expected === actual) return 1;
  if (typeof expected !== 'string' || typeof actual !== 'string') return 0;
  return isProse(expected) && isProse(actual) ? rougeL(expected, actual).f : 0;
}

/** One word is a name, a route or a number, and half of it is worth nothing. */
function isProse(text: string): boolean {
  return /\S\s+\S/.test(text);
}

/** Values that are no list and no object, and empty lists and objects, by JSON path. At least one. */
function leavesOf(value: unknown, path = '$', into = new Map<string, unknown>()): Map<string, unknown> {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (members.length > 0) {
    for (const [key, member] of members) leavesOf(member, `${path}/${key.replaceAll('/', '~1')}`, into);
  } else {
    into.set(path, typeof value === 'object' && value !== null ? (Array.isArray(value) ? '[]' : '{}') : value);
  }
  return into;
}
