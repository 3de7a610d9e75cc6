import type { Effect } from '../activities/outbox';
import { canonicalJson } from '../speculation/forecast/canonical-json';

/** How the effects of one side differ from those of the other; empty when each happened exactly once on both. */
export function effectDifferences(plain: readonly Effect[], runahead: readonly Effect[]): string[] {
  return [
    ...repeated('plain', plain),
    ...repeated('run ahead', runahead),
    ...missing(plain, runahead, 'did not happen run ahead, or differs'),
    ...missing(runahead, plain, 'did not happen plain, or differs'),
  ];
}

function repeated(side: string, effects: readonly Effect[]): string[] {
  const seen = new Set<string>();
  return effects.flatMap(({ kind, key }) => {
    const name = `${kind} ${key}`;
    if (seen.has(name)) return [`${name} happened more than once ${side}`];
    seen.add(name);
    return [];
  });
}

function missing(from: readonly Effect[], within: readonly Effect[], what: string): string[] {
  const present = new Set(within.map((effect) => canonicalJson(effect)));
  return from.filter((effect) => !present.has(canonicalJson(effect))).map(({ kind, key }) => `${kind} ${key} ${what}`);
}
