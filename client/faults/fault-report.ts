import type { Placement } from '../../speculation/verification/verifier-placement';
import type { Vulnerability } from '../../speculation/verification/vulnerability';

/** What one kind of fault in one operation did. */
export interface FaultEffect {
  operation: string;
  fault: string;
  runs: number;
  /** Runs that ended without a result. */
  failed: number;
  /** Inputs whose outputs such a fault cannot change. */
  skipped: number;
  /** Mean score with the fault; null where nothing was run. */
  meanScore: number | null;
}

/** What `runahead faults` found out. */
export interface FaultReport {
  pipeline: string;
  inputs: number;
  seed: number;
  cleanRuns: number;
  faultedRuns: number;
  /** Mean score of runs without a fault: below 1 where the pipeline does not always answer the same. */
  cleanScore: number;
  /** Worst first. */
  ranking: Vulnerability[];
  effects: FaultEffect[];
  /** Null where no verifiers were offered. */
  placement: Placement | null;
}
