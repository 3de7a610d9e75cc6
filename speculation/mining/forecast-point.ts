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
}

/** All calls of an operation in earlier runs. */
export function pointsOf(
  operation: string,
  sessions: readonly Trail[],
  groups: readonly string[],
  tags: TagTree,
): ForecastPoint[] {
  return sessions.flatMap((session, at) =>
    session.flatMap((call, index) => {
      if (call.operation !== operation) return [];
      const before = session.slice(0, index);
      const actual = takenApart(tags, call.output);
      return [
        {
          group: groups[at] ?? String(at),
          situation: situationOf(operation, call.args, before, tags),
          actual: { ...actual, key: valuesKey(actual.template, actual.values) },
          contexts: contextsOf(operation, before),
        },
      ];
    }),
  );
}
