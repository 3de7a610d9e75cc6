import { recomputeRow, type DecisionRow } from '../../speculation/decision/recompute';
import type { DecisionRecord } from './decision-record';

/** A field of a row that does not follow from the row's own inputs. */
export interface Mismatch {
  row: number;
  workflowId: string;
  /** Number of the decision within its pipeline. */
  id: number;
  field: string;
  logged: unknown;
  recomputed: unknown;
}

/** Relative: a value that went through a text file comes back to the last digit, so this only forgives the order of a sum. */
const CLOSE = 1e-12;

/** What in a row does not follow from the row itself. Fields that an older version did not log are not held against it. */
export function mismatchesOf(row: number, record: DecisionRecord): Mismatch[] {
  const { workflowId, id } = record;
  const of = (field: string, logged: unknown, recomputed: unknown): Mismatch => ({
    row,
    workflowId,
    id,
    field,
    logged,
    recomputed,
  });
  let again: DecisionRow;
  try {
    again = JSON.parse(JSON.stringify(recomputeRow(record as DecisionRow))) as DecisionRow;
  } catch (error) {
    return [of('policyName', 'policyName' in record ? record.policyName : null, String(error))];
  }
  const logged = record as unknown as Record<string, unknown>;
  return Object.entries(again)
    .filter(([field, value]) => field in logged && !same(logged[field], value))
    .map(([field, value]) => of(field, logged[field], value));
}

function same(logged: unknown, recomputed: unknown): boolean {
  if (typeof logged === 'number' && typeof recomputed === 'number') {
    return (
      logged === recomputed || Math.abs(logged - recomputed) <= CLOSE * Math.max(Math.abs(logged), Math.abs(recomputed))
    );
  }
  return JSON.stringify(logged) === JSON.stringify(recomputed);
}
