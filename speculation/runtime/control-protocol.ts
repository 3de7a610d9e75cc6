import type { KnobChange } from '../decision/knob';
import type { TokenCounts } from '../decision/tokens';
import type { ControlState } from '../estimate/control-state';
import type { LateBills } from '../estimate/late-bills';

/** How workers, operators and the control workflow talk. Plain JSON throughout. */
export const CONTROL_WORKFLOW_TYPE = 'runaheadControl';
export const CONTROL_SIGNAL = { observe: 'observe', setKnob: 'setKnob' } as const;
export const CONTROL_UPDATE = {
  setKnob: 'setKnob',
  setBudget: 'setBudget',
  reserveBudget: 'reserveBudget',
  setStage: 'setStage',
  setCalibration: 'setCalibration',
} as const;
export const CONTROL_QUERY = {
  snapshot: 'snapshot',
  counted: 'counted',
  estimator: 'estimator',
  knob: 'knob',
  lateBills: 'lateBills',
  budgets: 'budgets',
  calibration: 'calibration',
} as const;

/** What one run of the control workflow starts with. */
export interface ControlCarry {
  /** A `ControlState`; anything else starts from nothing. @default nothing was observed */
  state?: unknown;
  /** Signals after which a run hands over to the next one. @default 2000 */
  signalsPerRun?: number;
  /** Signals so far that could not be understood. @default 0 */
  ignoredSignals?: number;
}

/** A knob change: for all pipelines of one workflow type, or for all that have no setting of their own. */
export interface ControlKnobChange extends KnobChange {
  /** Workflow type; null or absent for the default of all. */
  pipeline?: string | null;
}

/** Answer to the query `snapshot`. */
export interface ControlSnapshotAnswer {
  /** Names this state, also across restarts of the control workflow. */
  version: string;
  /** Null when the asker has this version already. */
  state: ControlState | null;
}

/** Answer to the query `lateBills`. */
export type LateBillsAnswer = LateBills;

/** Narrows the query `estimator`; both by name. */
export interface EstimatorFilter {
  operation?: string;
  /** `upstream>downstream`. */
  edge?: string;
}

/** Answer to the query `estimator`: what was learned, readable. */
export interface EstimatorAnswer {
  operations: Record<
    string,
    {
      successes: number;
      /** Attempts that failed or were cancelled. */
      failures: number;
      /** Of successful attempts; null without any. */
      latencySeconds: { p50: number; p95: number } | null;
      /** Of successful attempts, like the dollars. */
      meanTokens: TokenCounts | null;
      meanCostUsd: number;
      /** Of all attempts. @default not known: older code did not keep it */
      dearestCostUsd?: number;
    }
  >;
  edges: {
    edge: string;
    /** `source#rank`. */
    forecast: string;
    successes: number;
    failures: number;
    /** Posterior mean with the prior of an undeclared dependency; a pipeline uses the prior that its policy declares. */
    mean: number;
  }[];
  /** Signals and observations that could not be used. */
  ignoredSignals: number;
  rejectedObservations: number;
}
