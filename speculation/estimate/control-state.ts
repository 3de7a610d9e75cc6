import { settleByBill } from '../budget/settle';
import type { BudgetState } from '../budget/budget-state';
import { sumUsd } from '../ledger/price-usage';
import { applyKnobChange, DEFAULT_KNOB, type Knob, type KnobChange } from '../decision/knob';
import { emptyHistoryTable, recordOutput, shrinkHistory, type HistoryTable } from '../forecast/history-table';
import { entryOf, ownEntry, setOwnEntry } from '../forecast/own-entry';
import type { Outcomes } from './beta-posterior';
import { noBucketOutcomes, type BucketOutcomes } from './bucket-outcomes';
import { learnLaunch, moveStage, noCalibration, type CalibrationState } from './calibration-state';
import { applyCalibrationChange, type CalibrationChange } from './calibration-change';
import { learnEdge } from './edge-learning';
import type { Mark } from './edge-standing';
import {
  noBillMatching,
  noLateBills,
  receiveBill,
  receiveUnresolved,
  type BillMatching,
  type LateBills,
} from './late-bills';
import { addModelCall, type ModelSpeed } from './model-speed';
import type { Observation, OperationBill, OperationObservation } from './observation';
import { addAttempt, noOperationStatistics, type OperationStatistics } from './operation-statistics';
import { addRecentEntry, noRecentEntries, type RecentEntries } from './recent-entries';
import type { Senders } from './senders';
import type { StageRequest } from './stage-request';
import { isUsableObservation } from './usable-observation';

export { InvalidControlStateError, parseControlState } from './parse-control-state';

/**
 * All that the control workflow knows, as plain JSON of less than 2 MB, the most that Temporal carries in one payload. Everything that
 * grows with traffic is bounded; operations, edges and pipelines are as many as the code has.
 */
export interface ControlState {
  schema: 2;
  /** Grows with every change. */
  revision: number;
  operations: Record<string, OperationStatistics>;
  /** By `upstream>downstream`, then by `source#rank`. */
  edges: Record<string, Record<string, Outcomes>>;
  /** The same by part of the traffic, such as a tenant, as far as there is room. */
  buckets: BucketOutcomes;
  /** How far each edge is trusted. */
  calibration: CalibrationState;
  /** By operation. */
  history: Record<string, HistoryTable>;
  knobs: { defaults: Knob; pipelines: Record<string, KnobChange> };
  lateBills: LateBills;
  billMatching: BillMatching;
  /** Ids of at least the latest 10,000 observations; an id that comes again within them counts once. */
  seen: RecentEntries<1>;
  /** Which batches of each sender were taken in. @default no sender numbers its batches */
  senders?: Senders;
  /** How fast each model answers. @default no model was measured */
  models?: Record<string, ModelSpeed>;
  /** What pipelines share. @default nobody has set a budget */
  budgets?: BudgetState;
  /** Observations that were malformed and therefore skipped. */
  rejected: number;
}

const SEEN_GENERATION = 10_000;
const HISTORY_BYTES = 500_000;

export function emptyControlState(): ControlState {
  return {
    schema: 2,
    revision: 0,
    operations: {},
    edges: {},
    buckets: noBucketOutcomes(),
    calibration: noCalibration(),
    history: {},
    knobs: { defaults: { ...DEFAULT_KNOB }, pipelines: {} },
    lateBills: noLateBills(),
    billMatching: noBillMatching(),
    seen: noRecentEntries(SEEN_GENERATION),
    rejected: 0,
  };
}

/**
 * Learns from observations, in place; returns how many were new. Each counts once however often it is delivered, in any order.
 * What is malformed is skipped and counted in `rejected`; nothing that comes in makes this throw.
 *
 * @param atMs Unix time, for what is logged of an edge that is stopped or goes on; null without a clock
 */
export function applyObservations(
  state: ControlState,
  observations: readonly Observation[],
  atMs: number | null = null,
): number {
  const received: unknown = observations;
  let fresh = 0;
  for (const observation of Array.isArray(received) ? (received as unknown[]) : [received]) {
    if (!isUsableObservation(observation)) state.rejected += 1;
    else if (addRecentEntry(state.seen, seenKey(observation), 1)) {
      fresh += 1;
      learn(state, observation, { revision: state.revision, atMs });
    }
  }
  if (fresh > 0) state.revision += 1;
  return fresh;
}

/** The knob in force for a pipeline type: the defaults, with what was set for it on top. */
export function effectiveKnob(state: ControlState, pipeline: string): Knob {
  return applyKnobChange(state.knobs.defaults, ownEntry(state.knobs.pipelines, pipeline) ?? {});
}

/** Turns the knob of one pipeline type, or with `pipeline: null` the default of all; a pipeline's own setting goes first. */
export function changeKnob(state: ControlState, request: { pipeline: string | null; change: KnobChange }): void {
  const { pipeline, change } = request;
  const { knobs } = state;
  if (pipeline === null) knobs.defaults = applyKnobChange(knobs.defaults, change);
  else setOwnEntry(knobs.pipelines, pipeline, { ...ownEntry(knobs.pipelines, pipeline), ...change });
  state.revision += 1;
}

/** Moves an edge to a stage because somebody says so. @throws InvalidStageError */
export function setStage(state: ControlState, request: StageRequest, atMs: number | null): void {
  moveStage(state.calibration, request, { revision: state.revision, atMs });
  state.revision += 1;
}

/** Changes how edges come to be trusted; edges that are known keep their stage. */
export function changeCalibration(state: ControlState, change: CalibrationChange): void {
  state.calibration.settings = applyCalibrationChange(state.calibration.settings, change);
  state.revision += 1;
}

/** A worker that first took the pipeline for open may report the same bill again once it knows better. */
function seenKey(observation: Observation): string {
  return observation.kind === 'bill' && observation.workflowGone ? `${observation.id}/gone` : observation.id;
}

function learn(state: ControlState, observation: Observation, mark: Mark): void {
  switch (observation.kind) {
    case 'operation':
      learnAttempt(state, observation);
      break;
    case 'edge':
      learnEdge(state, observation, mark);
      break;
    case 'launch':
      learnLaunch(state.calibration, observation, mark);
      break;
    case 'bill':
      receiveBill(state.lateBills, state.billMatching, observation);
      settleBudget(state, observation);
      break;
    case 'unresolved':
      receiveUnresolved(state.lateBills, state.billMatching, observation);
      break;
  }
}

function learnAttempt(state: ControlState, attempt: OperationObservation): void {
  addAttempt(entryOf(state.operations, attempt.operation, noOperationStatistics), attempt);
  if (attempt.succeeded && attempt.model !== undefined && attempt.tokens !== null) {
    const speed = entryOf((state.models ??= {}), attempt.model, (): ModelSpeed => ({}));
    addModelCall(speed, attempt.tokens.outputTokens, attempt.latencySeconds);
  }
  if (!attempt.succeeded || attempt.contextKey === null) return;
  const table = entryOf(state.history, attempt.operation, emptyHistoryTable);
  try {
    recordOutput(table, attempt.contextKey, attempt.output);
  } catch {
    // An output that cannot be written as JSON, because it is nested too deeply, is no forecast for anybody.
    state.rejected += 1;
  }
  boundHistory(Object.values(state.history));
}

/** A reservation whose worker could not settle it any more is settled by its bill. */
function settleBudget({ budgets }: ControlState, { runId, activityId, usage }: OperationBill): void {
  if (budgets === undefined) return;
  settleByBill(budgets, { id: `${runId}/${activityId}`, costUsd: sumUsd(usage.map(({ costUsd }) => costUsd)) });
}

/** Many operations share the room; the largest table gives way. */
function boundHistory(tables: readonly HistoryTable[]): void {
  const excess = tables.reduce((sum, { bytes }) => sum + bytes, 0) - HISTORY_BYTES;
  if (excess <= 0) return;
  const largest = tables.reduce((left, right) => (right.bytes > left.bytes ? right : left));
  shrinkHistory(largest, largest.bytes - excess);
}
