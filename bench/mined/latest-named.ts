import type { Trail } from '../../speculation/forecast/trail';
import { opened } from '../../speculation/mining/json-leaves';

/** The value that was last seen under a name, in the results and arguments of earlier calls; undefined if there is none. */
export function latestNamed(trail: Trail, name: string): unknown {
  for (const { args, output } of [...trail].reverse())
    for (const value of [output, args]) {
      const found = namedIn(value, name);
      if (found !== undefined) return found;
    }
  return undefined;
}

function namedIn(value: unknown, name: string): unknown {
  const inside = opened(value);
  if (typeof inside !== 'object' || inside === null) return undefined;
  if (Object.hasOwn(inside, name) && !Array.isArray(inside)) {
    const own = (inside as Record<string, unknown>)[name];
    if (typeof own !== 'object') return own;
  }
  for (const each of Object.values(inside)) {
    const found = namedIn(each, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
