import type { TokenCounts } from '../decision/tokens';
import type { ForecastSource } from '../forecast/forecast';
import type { UsageRecord } from '../ledger/usage';

/** Something that was seen to happen. The control workflow learns from these; `id` makes each count once. */
export type Observation = OperationObservation | EdgeObservation | OperationBill | UnresolvedOperations;

/** One finished activity attempt, reported by the worker that ran it. */
export interface OperationObservation {
  kind: 'operation';
  /** `runId/activityId/attempt`. */
  id: string;
  pipeline: string;
  operation: string;
  /** Context under which the output is filed for `history` forecasts; null when it is not filed. */
  contextKey: string | null;
  output: unknown;
  latencySeconds: number;
  /** Sum over the attempt's model calls; null when it made none. */
  tokens: TokenCounts | null;
  costUsd: string;
  succeeded: boolean;
}

/** Whether a forecast of the upstream output, made for this edge, turned out right. Reported by the pipeline. */
export interface EdgeObservation {
  kind: 'edge';
  /** `runId/edge/n`. */
  id: string;
  pipeline: string;
  upstream: string;
  downstream: string;
  source: ForecastSource;
  rank: number;
  success: boolean;
}

/** What one operation consumed, all attempts together, reported by the worker that ran it in case no pipeline books it. */
export interface OperationBill {
  kind: 'bill';
  /** `runId/activityId/bill`. */
  id: string;
  workflowId: string;
  runId: string;
  activityId: string;
  operation: string;
  usage: UsageRecord[];
  /** True when the worker already knows that the pipeline is closed, so nobody else will book this. */
  workflowGone: boolean;
}

/** Operations whose bill a pipeline will not see: they still ran when it closed, or it did not wait for their cancellation. */
export interface UnresolvedOperations {
  kind: 'unresolved';
  /** `runId/unresolved/n`. */
  id: string;
  workflowId: string;
  runId: string;
  activityIds: string[];
}
