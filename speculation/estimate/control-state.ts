import type { Knob, KnobChange } from '../decision/knob';
import type { HistoryTable } from '../forecast/history-table';
import type { Outcomes } from './beta-posterior';
import type { LatencyHistogram } from './latency-histogram';
import type { Observation } from './observation';
import type { TokenStatistics } from './token-statistics';

export interface OperationStatistics {
  /** Successful attempts only. */
  latency: LatencyHistogram;
  /** Null until an attempt reported tokens. */
  tokens: TokenStatistics | null;
  /** Statistics for estimates, not books. */
  costUsdSum: number;
  count: number;
  failures: number;
}

export interface ControlState {
  schema: 1;
  revision: number;
  operations: Record<string, OperationStatistics>;
  /** By `upstream>downstream`, then by `source#rank`. */
  edges: Record<string, Record<string, Outcomes>>;
  history: Record<string, HistoryTable>;
  knobs: { defaults: Knob; pipelines: Record<string, KnobChange> };
  lateBills: { totalUsd: string; count: number; recent: LateBill[] };
  /** Observations that could not be used. */
  rejected: number;
}

export interface LateBill {
  workflowId: string;
  operation: string;
  costUsd: string;
  estimated: boolean;
}

export function emptyControlState(): ControlState {
  throw new Error('to be written');
}

/** Mutates the state; returns how many observations were new. Never throws. */
export function applyObservations(state: ControlState, observations: readonly Observation[]): number {
  throw new Error(`to be written: ${String([state, observations])}`);
}

export function effectiveKnob(state: ControlState, pipeline: string): Knob {
  throw new Error(`to be written: ${String([state, pipeline])}`);
}

export function changeKnob(state: ControlState, request: { pipeline: string | null; change: KnobChange }): void {
  throw new Error(`to be written: ${String([state, request])}`);
}

/** @throws InvalidControlStateError */
export function parseControlState(input: unknown): ControlState {
  throw new Error(`to be written: ${String(input)}`);
}
