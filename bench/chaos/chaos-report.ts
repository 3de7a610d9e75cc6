import type { BooksCheck } from './check-books';
import { DIFFERENCE_KINDS, type Difference } from './difference';

/** What the experiment found. Plain JSON. */
export interface ChaosReport {
  seed: number;
  runs: number;
  seconds: number;
  /** Runs by shape, and by how they ended. */
  shapes: Record<string, number>;
  endings: Record<string, number>;
  /** Runs that were cancelled, terminated, reset or had their knob turned while they ran. */
  disturbances: Record<string, number>;
  /** Runs that went on as new. */
  continuedAsNew: number;
  /** Faults of the model by kind. */
  faults: Record<string, number>;
  /** By victim; every one of them was started again. */
  kills: Record<'worker' | 'server', number>;
  /** Workers that ended although nobody had killed them. */
  crashes: number;
  /** Activities that the server itself lost when it was killed in the moment of a reset; their runs were reset once more. */
  activitiesLostByServer: number;
  launches: Record<'launched' | 'claimed' | 'cancelled' | 'failed', number>;
  /** Stages by their state. */
  stages: Record<string, number>;
  effects: { standing: number; repeatedByTemporal: number; abandoned: number };
  books: Pick<BooksCheck, 'requests' | 'invoiceUsd' | 'bookedUsd' | 'estimatedUsd'> & {
    /** Runs that the SDK could not replay to be asked, so that their bills were read from the history. */
    unreadable: number;
  };
  /** Real runs without the plugin, against which the expected outcomes were checked. */
  plainRuns: { checked: number; identical: number };
  /** Completed runs whose result is that of the plain run. */
  identicalResults: { identical: number; completed: number };
  differences: (Difference & { run: number; faults: string[] })[];
}

/** How many there are of each kind. */
export function byKind(differences: readonly Difference[]): Record<string, number> {
  return Object.fromEntries(
    DIFFERENCE_KINDS.map((kind) => [kind, differences.filter((difference) => difference.kind === kind).length]),
  );
}
