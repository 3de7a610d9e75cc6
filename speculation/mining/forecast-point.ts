import type { Trail } from '../forecast/trail';
import type { TagTree } from './output-tags';
import { situationOf, takenApart, valuesKey, type Situation, type TakenApart } from './situation';
import { contextsOf } from './trail-context';

/** A place in an earlier run where an output could have been forecast, and what it was. */
export interface ForecastPoint {
  /** Runs of one group are left out together. */
  group: string;
  situation: Situation;
  actual: TakenApart & { key: string };
  contexts: string[];
  /** Index of the point before in the same session; null for the first. */
  previous: number | null;
}

/** All calls of an operation in earlier runs. */
export function pointsOf(
  operation: string,
  sessions: readonly Trail[],
  groups: readonly string[],
  tags: TagTree,
): ForecastPoint[] {
  const points: ForecastPoint[] = [];
  for (const [at, session] of sessions.entries()) {
    let previous: number | null = null;
    for (const [index, call] of session.entries()) {
      if (call.operation !== operation) continue;
      const before = session.slice(0, index);
      const actual = takenApart(tags, call.output);
      points.push({
        group: groups[at] ?? String(at),
        situation: situationOf(operation, call.args, before, tags),
        actual: { ...actual, key: valuesKey(actual.template, actual.values) },
        contexts: contextsOf(operation, before),
        previous,
      });
      previous = points.length - 1;
    }
  }
  return points;
}
