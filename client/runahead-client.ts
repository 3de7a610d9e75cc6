import type { Client, WorkflowClient } from '@temporalio/client';
import type { BudgetChange } from '../speculation/budget/budget-limits';
import type { BudgetReport, BudgetRow } from '../speculation/budget/budget-report';
import type { Knob, KnobChange } from '../speculation/decision/knob';
import type { CalibrationChange } from '../speculation/estimate/calibration-change';
import type { CalibrationReport, EdgeReport } from '../speculation/estimate/calibration-report';
import type { CalibrationSettings } from '../speculation/estimate/calibration-settings';
import type { StageRequest } from '../speculation/estimate/stage-request';
import type { CancellationMode } from '../speculation/ledger/cancellation-mode';
import type { Entry, LedgerTotals } from '../speculation/ledger/ledger';
import type { LoggedDecision } from '../speculation/runtime/decision-log';
import type { OperationEstimate } from '../speculation/runtime/estimator-view';
import { CONTROL_WORKFLOW_ID, QUERY, SET_KNOB } from '../speculation/runtime/protocol';
import {
  CONTROL_QUERY,
  CONTROL_UPDATE,
  type ControlKnobChange,
  type EstimatorAnswer,
  type LateBillsAnswer,
} from '../speculation/runtime/control-protocol';

/** How many pipelines are asked at the same time by `setKnobWhere`. */
const CONCURRENCY = 10;

/** The books of one pipeline. */
export interface LedgerReport {
  totals: LedgerTotals;
  /** The latest attempts, oldest first; the totals are exact beyond them. */
  entries: Entry[];
  /** What strict mode found in the pipeline function. Empty is good. */
  findings: string[];
  /** How cancels reach the activities of the pipeline. @default nobody had asked when it started */
  cancellation?: CancellationMode;
}

/** What became of one knob change for many pipelines. */
export interface KnobChangeReport {
  /** Pipelines that matched the query. */
  matched: number;
  changed: string[];
  /** Pipelines that did not take the change, with the reason. */
  refused: { workflowId: string; reason: string }[];
}

/**
 * Reads the books and the decisions of running or finished pipelines, and turns their knobs. All of it is plain Temporal
 * queries and Updates, so everything here can be done with the `temporal` command as well.
 *
 * @example
 * const runahead = new RunaheadClient(client);
 * const { totals } = await runahead.ledger('auto-reply-1');
 */
export class RunaheadClient {
  readonly #workflows: WorkflowClient;

  constructor(client: Client) {
    this.#workflows = client.workflow;
  }

  /** Every attempt that the pipeline has paid for, and the totals. */
  ledger(workflowId: string): Promise<LedgerReport> {
    return this.#query(workflowId, QUERY.ledger);
  }

  /** The last decisions of the pipeline, oldest first, with what became of each. A row can be recomputed from itself. */
  decisions(workflowId: string): Promise<LoggedDecision[]> {
    return this.#query(workflowId, QUERY.decisions);
  }

  /** What this pipeline was told about the operations that it looked up: forecasts, durations, posteriors. */
  estimator(workflowId: string): Promise<OperationEstimate[]> {
    return this.#query(workflowId, QUERY.estimator);
  }

  /** The knob in force for a pipeline. */
  knob(workflowId: string): Promise<Knob> {
    return this.#query(workflowId, QUERY.knob);
  }

  /**
   * Turns the knob of one running pipeline; its next decision uses it.
   *
   * @returns the knob then in force
   * @throws WorkflowUpdateFailedError for a bad value; the pipeline is unharmed
   */
  setKnob(workflowId: string, change: KnobChange): Promise<Knob> {
    return this.#workflows.getHandle(workflowId).executeUpdate<Knob, [KnobChange]>(SET_KNOB, { args: [change] });
  }

  /**
   * Turns the knob of every running pipeline that a visibility query matches.
   *
   * @param query for example `WorkflowType = "autoReply" AND SpecWasteMicroUsd > 10000`
   */
  async setKnobWhere(query: string, change: KnobChange): Promise<KnobChangeReport> {
    const report: KnobChangeReport = { matched: 0, changed: [], refused: [] };
    const running = `(${query}) AND ExecutionStatus = "Running"`;
    let batch: string[] = [];
    const flush = async (): Promise<void> => {
      await Promise.all(batch.map((workflowId) => this.#setKnobOrReport(workflowId, change, report)));
      batch = [];
    };
    for await (const { workflowId } of this.#workflows.list({ query: running })) {
      if (workflowId.startsWith(CONTROL_WORKFLOW_ID)) continue;
      report.matched += 1;
      batch.push(workflowId);
      if (batch.length >= CONCURRENCY) await flush();
    }
    await flush();
    return report;
  }

  /** The knob that new pipelines of a workflow type start with; without a type, the default of all. */
  controlKnob(pipeline?: string): Promise<Knob> {
    return this.#workflows
      .getHandle(CONTROL_WORKFLOW_ID)
      .query<Knob, [string | null]>(CONTROL_QUERY.knob, pipeline ?? null);
  }

  /** Turns the knob of the control plane: for all pipelines of a workflow type, or for all that have no setting of their own. */
  setControlKnob(change: KnobChange, pipeline?: string): Promise<Knob> {
    const request: ControlKnobChange = { ...change, ...(pipeline !== undefined && { pipeline }) };
    return this.#workflows
      .getHandle(CONTROL_WORKFLOW_ID)
      .executeUpdate<Knob, [ControlKnobChange]>(CONTROL_UPDATE.setKnob, { args: [request] });
  }

  /** What the control plane has learned: durations, costs, and which forecasts come true. */
  controlEstimator(): Promise<EstimatorAnswer> {
    return this.#query(CONTROL_WORKFLOW_ID, CONTROL_QUERY.estimator);
  }

  /** How well forecasts are calibrated, and how far each edge is trusted. */
  calibration(): Promise<CalibrationReport> {
    return this.#query(CONTROL_WORKFLOW_ID, CONTROL_QUERY.calibration);
  }

  /**
   * Moves an edge to a stage, for every pipeline to come and at the next look-up of those that run.
   *
   * @returns the edge as it stands then
   * @throws WorkflowUpdateFailedError for a stage that it cannot go to; nothing has changed
   */
  setStage(request: StageRequest): Promise<EdgeReport> {
    return this.#workflows
      .getHandle(CONTROL_WORKFLOW_ID)
      .executeUpdate<EdgeReport, [StageRequest]>(CONTROL_UPDATE.setStage, { args: [request] });
  }

  /**
   * Changes gates, canary share and kill-switch; edges that are known keep their stage.
   *
   * @returns the settings then in force
   */
  setCalibration(change: CalibrationChange): Promise<CalibrationSettings> {
    return this.#workflows
      .getHandle(CONTROL_WORKFLOW_ID)
      .executeUpdate<CalibrationSettings, [CalibrationChange]>(CONTROL_UPDATE.setCalibration, { args: [change] });
  }

  /** Bills of launches whose pipeline had closed before they ended. */
  lateBills(): Promise<LateBillsAnswer> {
    return this.#query(CONTROL_WORKFLOW_ID, CONTROL_QUERY.lateBills);
  }

  /** Shared budgets: what is set, spent, reserved and left today, and what they kept from starting. */
  budgets(): Promise<BudgetReport> {
    // A workflow's clock stands still between messages; a day may have begun since.
    return this.#workflows
      .getHandle(CONTROL_WORKFLOW_ID)
      .query<BudgetReport, [{ nowMs: number }]>(CONTROL_QUERY.budgets, { nowMs: Date.now() });
  }

  /**
   * Sets what may be spent on launches and drafts under a scope; fields that are not given stay as they are, null is unbounded.
   *
   * @param scope `*`, `pipeline:<workflow type>`, `tenant:<name>`, or `tenant:*` for each tenant without a budget of its own
   * @returns the budget then in force
   * @throws WorkflowUpdateFailedError for a bad value
   */
  setBudget(scope: string, change: BudgetChange): Promise<BudgetRow> {
    return this.#workflows
      .getHandle(CONTROL_WORKFLOW_ID)
      .executeUpdate<BudgetRow, [BudgetChange & { scope: string }]>(CONTROL_UPDATE.setBudget, {
        args: [{ scope, ...change }],
      });
  }

  async #setKnobOrReport(workflowId: string, change: KnobChange, report: KnobChangeReport): Promise<void> {
    try {
      await this.setKnob(workflowId, change);
      report.changed.push(workflowId);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      report.refused.push({ workflowId, reason: cause instanceof Error ? cause.message : String(cause) });
    }
  }

  #query<Result>(workflowId: string, name: string): Promise<Result> {
    return this.#workflows.getHandle(workflowId).query<Result>(name);
  }
}
