import type { Trail } from '../forecast/trail';
import { countedTemplates } from './counted-rules';
import { pointsOf } from './forecast-point';
import type { MinedOperation, MinedPatterns } from './mined-patterns';
import { rulesOf } from './mined-rules';
import { tagsOf } from './output-tags';
import { usefulRules } from './useful-rules';

export interface MineOptions {
  /** Activity types whose outputs are to be forecast. @default all in the sessions */
  operations?: readonly string[];
  /**
   * For each session the group it belongs to, such as its task: what is true in one group only is no pattern, and the calibration leaves out
   * whole groups. @default each session is a group of its own
   */
  groups?: readonly string[];
}

/**
 * Mines from earlier runs where the outputs of operations come from. The same sessions give the same patterns.
 *
 * @param sessions the calls of one pipeline run each, in order
 */
export function mine(sessions: readonly Trail[], options: MineOptions = {}): MinedPatterns {
  const operations = options.operations ?? sessions.flatMap((session) => session.map(({ operation }) => operation));
  const groups = sessions.map((_session, index) => options.groups?.[index] ?? String(index));
  const found: Record<string, MinedOperation> = {};
  for (const operation of [...new Set(operations)].sort()) {
    const mined = mineOperation(operation, sessions, groups);
    if (mined !== null) found[operation] = mined;
  }
  return { version: 1, sessions: sessions.length, operations: found };
}

function mineOperation(
  operation: string,
  sessions: readonly Trail[],
  groups: readonly string[],
): MinedOperation | null {
  const calls = sessions.flatMap((session) => session.filter((call) => call.operation === operation));
  const tags = tagsOf(calls.map(({ output }) => output));
  const points = pointsOf(operation, sessions, groups, tags);
  const { templates, reliability } = usefulRules(points, countedTemplates(points, rulesOf(points)));
  return templates.length === 0 ? null : { tags, templates, reliability };
}
