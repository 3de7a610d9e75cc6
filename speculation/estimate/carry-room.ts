import { shrinkHistory } from '../forecast/history-table';
import { noBucketOutcomes } from './bucket-outcomes';
import type { ControlState } from './control-state';
import { forgetBookedRequests, forgetRequests } from './late-bills';

/** The server refuses a payload of more than 2 MB, and what wraps the state needs some of it too. */
const MOST_BYTES = 1_800_000;
const LEAST_HISTORY_BYTES = 200_000;

/**
 * Makes a control state small enough to be handed on, in place: what can be learned again soonest goes first. Without this, a state one
 * byte too large would stop the control workflow for good. Returns its bytes as JSON.
 */
export function makeRoom(state: ControlState, mostBytes = MOST_BYTES): number {
  let bytes = bytesOf(state);
  for (const shed of STEPS) {
    if (bytes <= mostBytes) break;
    shed(state, bytes - mostBytes);
    bytes = bytesOf(state);
  }
  return bytes;
}

type Step = (state: ControlState, excessBytes: number) => void;

const STEPS: readonly Step[] = [
  ({ billMatching }) => forgetRequests(billMatching),
  (state, excess) => shrinkTables(state, excess, LEAST_HISTORY_BYTES),
  // Batches of senders that number them count once without it.
  ({ seen }) => void (seen.older = {}),
  ({ billMatching: { waiting, left, booked } }) => {
    for (const entries of [waiting, left, booked]) entries.older = {};
  },
  (state) => void (state.buckets = noBucketOutcomes()),
  (state, excess) => shrinkTables(state, excess, 0),
  ({ lateBills }) => forgetBookedRequests(lateBills),
  // Only names that come from outside make so many.
  (state, excess) => dropRarest(state.operations, excess, ({ count, failures }) => count + failures),
  (state, excess) =>
    dropRarest(state.edges, excess, (forecasts) =>
      Object.values(forecasts).reduce((sum, { successes, failures }) => sum + successes + failures, 0),
    ),
];

function shrinkTables({ history }: ControlState, excessBytes: number, leastBytes: number): void {
  const tables = Object.values(history);
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  const kept = Math.max(bytes - excessBytes, leastBytes) / Math.max(bytes, 1);
  for (const table of tables) shrinkHistory(table, table.bytes * kept);
}

function dropRarest<T>(record: Record<string, T>, excessBytes: number, seenOf: (entry: T) => number): void {
  const ascending = Object.entries(record).sort(([, left], [, right]) => seenOf(left) - seenOf(right));
  let freed = 0;
  for (const [key, entry] of ascending) {
    if (freed >= excessBytes) return;
    freed += bytesOf({ [key]: entry }) - 1;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record, because this is plain JSON
    delete record[key];
  }
}

function bytesOf(value: object): number {
  const json = JSON.stringify(value);
  let bytes = json.length;
  // As UTF-8; two halves of a surrogate pair count 6 instead of 4.
  for (let index = 0; index < json.length; index++) {
    const unit = json.charCodeAt(index);
    if (unit >= 0x80) bytes += unit < 0x800 ? 1 : 2;
  }
  return bytes;
}
