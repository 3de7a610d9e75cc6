import { nearestNames } from '../../speculation/decision/nearest-names';
import type { MinedPatterns } from '../../speculation/mining/mined-patterns';
import { OperatorError } from '../operator-error';
import { hitsOf, leftOutHits, trailOf, type Hits, type Miner } from './forecast-hits';
import { operationsReadLater } from './read-later';
import type { ReadSessions } from './read-sessions';
import type { Session } from './session-of-calls';

/** What was mined of one operation, and how often its first forecast was exactly right. */
export interface MinedOperationRow {
  operation: string;
  /** Sessions that have it. */
  sessions: number;
  /** Ways to make an output of it. */
  patterns: number;
  /** Calls that they were mined from. */
  support: number;
  /** In the sessions that the patterns were mined from. */
  inSample: Hits;
  /** In sessions left out of the mining; null where there is only one session. */
  leftOut: Hits | null;
}

/** Plain JSON. */
export interface MineReport extends Omit<ReadSessions, 'sessions'> {
  namespace: string;
  query: string;
  /** Sessions with calls. */
  sessions: number;
  operations: MinedOperationRow[];
  /** Activity types that were seen and not mined. */
  notMined: string[];
}

/**
 * Mines the outputs of operations, and counts how good first forecasts are.
 *
 * @param wanted activity types; empty for those whose outputs later calls read, see `operationsReadLater`
 * @throws OperatorError where there is nothing to mine, or an activity type does not occur
 */
export function mineSessions(
  read: ReadSessions,
  wanted: readonly string[],
  { namespace, query }: { namespace: string; query: string },
  mine: Miner,
): { report: MineReport; patterns: MinedPatterns } {
  const { sessions, ...rest } = read;
  if (sessions.length === 0) throw new OperatorError(nothingIn(read, namespace, query));
  const seen = [...new Set(sessions.flatMap(({ calls }) => calls.map(({ operation }) => operation)))].sort();
  const operations = operationsToMine(sessions, wanted, seen);
  const trails = sessions.map(({ calls }) => trailOf(calls));
  const patterns = mine(trails, operations);
  const leftOut = leftOutHits(sessions, operations, mine);
  const rows = operations.map((operation): MinedOperationRow => {
    const mined = Object.hasOwn(patterns.operations, operation) ? patterns.operations[operation] : undefined;
    const inSample = hitsOf(patterns, operation, sessions);
    return {
      operation,
      sessions: sessions.filter(({ calls }) => calls.some((call) => call.operation === operation)).length,
      patterns: (mined?.templates ?? []).reduce((sum, { rules }) => sum + rules.length, 0),
      support: inSample.denominator,
      inSample,
      leftOut: leftOut?.get(operation) ?? null,
    };
  });
  const notMined = seen.filter((operation) => !operations.includes(operation));
  return {
    report: { namespace, query, ...rest, sessions: sessions.length, operations: rows, notMined },
    patterns,
  };
}

function operationsToMine(
  sessions: readonly Session[],
  wanted: readonly string[],
  seen: readonly string[],
): readonly string[] {
  for (const operation of wanted) {
    if (seen.includes(operation)) continue;
    const nearest = nearestNames(operation, seen);
    throw new OperatorError(
      `--operation ${operation}: no session has it${nearest === '' ? '' : `, did you mean ${nearest}?`} ` +
        `There are: ${seen.join(', ')}.`,
    );
  }
  if (wanted.length > 0) return [...new Set(wanted)].sort();
  const found = operationsReadLater(sessions.map(({ calls }) => calls));
  if (found.length > 0) return found;
  throw new OperatorError(
    'No activity has outputs that differ and that later calls read, so there is nothing to forecast. ' +
      `Name activities with --operation to mine them all the same; there are: ${seen.join(', ')}.`,
  );
}

function nothingIn({ runs, unread, empty }: ReadSessions, namespace: string, query: string): string {
  const [first] = unread;
  if (first !== undefined) {
    return `Of ${runs} runs in namespace ${namespace}, ${unread.length} could not be read and ${empty} made no call: ${first.workflowId}: ${first.reason}`;
  }
  const what = runs === 0 ? `no run matches ${query}` : `none of the ${runs} runs that match ${query} made a call`;
  return (
    `There is nothing to mine in namespace ${namespace}: ${what}. ` +
    'Run some pipelines first (they need no Runahead for that), or name others with --query, --type or --namespace.'
  );
}
