import type { TokenCounts } from '../decision/tokens';
import type { ForecastSource } from '../forecast/forecast';
import type { UsageRecord } from '../ledger/usage';

/** Something that was seen to happen. The control workflow learns from these; `id` makes each count once. */
export type Observation =
  OperationObservation | EdgeObservation | LaunchObservation | OperationBill | UnresolvedOperations;

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
  /** Model of the attempt's only call, for the speed of that model. @default it made none or several, or an older worker ran it */
  model?: string;
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
  /** Part of the traffic that is pooled upward to the edge, such as a tenant. @default the edge alone */
  bucket?: string;
  /** Observations after which this one counts half. @default nothing is forgotten */
  halfLife?: number;
  /** How it was right: 1 exactly, 2 by the declared equivalence. @default 1 */
  tier?: 1 | 2;
  /** What the decision about this edge expected. @default no decision was made, or an older worker made it */
  predicted?: EdgePrediction;
}

/** What was expected of a forecast on an edge when the launch was decided. Dollars are expectations, for estimates only. */
export interface EdgePrediction {
  /** That the forecast is right. */
  probability: number;
  /** L: worth of the time that is saved if it is. */
  latencyValueUsd: number;
  /** C: lost if it is not. */
  speculativeCostUsd: number;
  /** The rule wanted the launch. */
  wanted: boolean;
  /** It was launched; what is wanted and not launched is a shadow of a launch. */
  launched: boolean;
}

/** What became of a launch, in dollars: expected against realised. Reported by the pipeline. */
export interface LaunchObservation {
  kind: 'launch';
  /** `runId/launch/activityId`. */
  id: string;
  pipeline: string;
  upstream: string;
  downstream: string;
  /** P of the decision: that the launch is claimed. */
  probability: number;
  expectedValueUsd: number;
  claimed: boolean;
  /** Real cost, US dollars, exact. */
  costUsd: string;
  /** lambda * seconds saved for a claimed launch, minus the real cost for any other. */
  realisedValueUsd: number;
}

/** What one operation consumed, all attempts until then together, reported by the worker that ran it in case no pipeline books it. */
export interface OperationBill {
  kind: 'bill';
  /** `runId/activityId/attempt/bill`. */
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
