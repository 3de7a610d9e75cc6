import type { Sinks } from '@temporalio/workflow';
import type { Observation } from '../estimate/observation';
import type { PartialChange } from '../forecast/partial-value';
import type { TrailCall } from '../forecast/trail';
import type { CancellationMode } from '../ledger/cancellation-mode';
import type { UsageRecord } from '../ledger/usage';

/** Header of a pipeline's start and of every activity that it schedules. */
export const HEADER = 'runahead';

/** Activity types that the plugin registers on the worker and that the runtime calls as local activities. */
export const LOOKUP_ACTIVITY = 'runaheadLookup';
export const PIPELINE_SETTINGS_ACTIVITY = 'runaheadPipelineSettings';

/** Prefixes of activity ids; the Web UI shows them, and the interceptor knows its own calls by them. */
export const LAUNCH_PREFIX = 'spec-';
export const DRAFT_PREFIX = 'forecast-';
export const COPY_PREFIX = 'copy-';

/** Bounds on what one pipeline may speculate. */
export interface Limits {
  /** Longest chain of launches that build on each other. @default 3 */
  maxDepth: number;
  /** Most forecasts of one operation that are followed at the same time. @default 2 */
  maxBreadth: number;
  /** Most launches of one pipeline that run unclaimed at the same time. @default 8 */
  maxOpenLaunches: number;
  /** Most fibers that one pipeline keeps alive at the same time. @default 16 */
  maxFibers: number;
  /** A launch that no worker has started within this many milliseconds is given up. @default 1000 */
  scheduleToStartMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxDepth: 3,
  maxBreadth: 2,
  maxOpenLaunches: 8,
  maxFibers: 16,
  scheduleToStartMs: 1000,
};

/**
 * What a pipeline must know before its first call. Recorded in history: in the start header when the client has the plugin,
 * otherwise as the result of one local activity.
 */
export interface PipelineSettings {
  version: 1;
  /** False: books are kept, nothing is forecast or launched. */
  enabled: boolean;
  /** Workflow types that the policy keeps from running ahead, for children and for continue-as-new as another type. @default [] */
  disabledPipelines?: string[];
  /** Activity types with a forecaster: only these are looked up. */
  forecastable: string[];
  /** Whether the namespace has the search attributes; an upsert of an unknown one would hang the pipeline. */
  searchAttributes: boolean;
  /** What to do about a pipeline function that is not pure apart from its calls. */
  strict: 'off' | 'warn' | 'fail';
  limits: Limits;
  /** Name of the launch policy, shown as `SpecPolicy`. */
  policyName: string;
  /**
   * `ranked`: calls that fibers ask for are decided together when the pipeline is at rest, best value per dollar first, and again when
   * room, knob or probabilities change. Recorded, so that histories from before it keep replaying. @default each at once, as it comes
   */
  admission?: 'ranked';
  /**
   * A fiber that waits for another operation goes on with a forecast of that one too, so that operations that run side by side can be
   * forecast together. Recorded, so that histories from before it keep replaying. @default false
   */
  joint?: boolean;
  /** Where a pipeline's tenant is read from. @default the fairness key of its priority */
  tenantFrom?: TenantSource;
  /** Activity types that say what of their output is final while they stream. @default [] */
  streamed?: string[];
  /** Activity types whose calls are named once and for all: they have an idempotency key or a stage. @default [] */
  named?: string[];
  /** Activity types that write resources: one that failed may have written any. @default [] */
  writing?: string[];
  /** Activity types that cost nothing according to the policy: where one says nothing of its costs, no bill is missing. @default [] */
  free?: string[];
  /** When news from a stream cancels a launch that rests on a forecast. @default "contradiction" */
  midStreamCancel?: MidStreamCancel;
  /** How cancels reach the activities of the namespace. @default nobody has asked, or an older worker runs the pipeline */
  cancellation?: CancellationMode;
  /** `by-policy`: the launch policy says whether drafts are asked for at all. Recorded. @default only when they are worth their price */
  drafting?: 'by-policy';
  /** Activity types whose forecasts are made from the calls before: their look-ups carry them. @default [] */
  mined?: string[];
  /** Most calls that a look-up carries, the latest ones. @default 64 */
  trailCalls?: number;
  /** A pipeline that is cancelled or fails closes its books as one that ends well. Recorded. @default only unless it was cancelled */
  closing?: 'always';
}

/**
 * What a chunk of upstream's output may do to a launch. PROPOSED, ours: the paper names mid-stream cancellation and no rule.
 * `contradiction`: cancelled only where the forecast cannot come true any more. `full-cost`: also where the rule, with today's P and the
 * full cost of the launch, says hold. `remaining-cost`: also where it says so with what the launch has yet to cost, because what is spent
 * is spent. In both, the time that it has run counts as saved.
 */
export type MidStreamCancel = 'contradiction' | 'full-cost' | 'remaining-cost';

/** Where a pipeline says whose it is: the fairness key of its start options, or a field of its memo. */
export type TenantSource = { kind: 'fairnessKey' } | { kind: 'memo'; field: string };

/** Header of an activity. Its presence tells the worker that the workflow side understands a `Billed` result. */
export interface ActivityHeader {
  version: 1;
  pipeline: string;
  /** True for a launch ahead of its input. */
  launch: boolean;
  /** For a draft: the activity type whose output the result must look like. */
  forecastFor: string | null;
  /** Whose pipeline it is; for shared budgets. @default nobody's in particular */
  tenant?: string;
  /** For a launch, a draft or a comparison: US dollars that it may cost at most, to be reserved from shared budgets before it starts. */
  reserveUsd?: string;
  /** The pipeline follows what of the output is final while the activity streams it. @default false */
  streams?: boolean;
  /** Names the call once and for all; for an idempotency key and a stage. @default the call has no name */
  call?: CallName;
}

/**
 * With the workflow id, the activity type and the arguments this names a call: the same for the launch and for the plain call, for every
 * attempt, and after a reset of the workflow.
 */
export interface CallName {
  /** The run: `firstExecutionRunId/continuedFromExecutionRunId`. A reset keeps it, continue-as-new does not. */
  chain: string;
  /** Which occurrence of this very call it is within the run, from 1. */
  occurrence: number;
}

/** An activity result together with its bills; the runtime takes it apart again before the pipeline sees the value. */
export interface Billed {
  __runahead: 1;
  value: unknown;
  usage: UsageRecord[];
  /** Resources that the call has read. A launch that has read what the pipeline has written since is not claimed. @default [] */
  reads?: string[];
  /** Resources that the call has written. @default [] */
  writes?: string[];
  /** Set where the call has only prepared its effect: what has to be committed when it is claimed. */
  stage?: StageReference;
}

/** Among the resources that a call has read or written: whatever there is. */
export const ANY_RESOURCE = '*';

/** A prepared effect that is not visible yet. */
export interface StageReference {
  activityType: string;
  /** Id of the stage in its store. */
  id: string;
}

/** The last element of the `details` of a failure or a cancellation: what the attempt consumed before it ended. */
export interface BilledDetail {
  __runahead: 1;
  usage: UsageRecord[];
}

/** Heartbeat details as the worker sends them. */
export interface BilledHeartbeatDetails extends BilledDetail {
  /** What the activity itself gave: its details, or nothing. */
  user: [] | [unknown];
  /**
   * `usage` accounts for all attempts up to this one, which may have consumed nothing. A later one has been lost if it is over and is not
   * in `usage` either. @default all that are over are accounted for
   */
  accountedAttempts?: number;
}

export interface LookupRequest {
  pipeline: string;
  activityType: string;
  args: unknown[];
  /** @default nobody's in particular */
  tenant?: string;
  /** Asks for the plan too; set in the first look-up of a pipeline. @default false */
  plan?: boolean;
  /** The calls before this one, for forecasts that are made from them. @default none */
  trail?: TrailCall[];
}

/** Sinks carry what a pipeline learned to its worker, without an event in history. */
export interface RunaheadSinks extends Sinks {
  runahead: {
    observe(observations: Observation[]): void;
    /** Nobody will claim these. Best effort: what is missed is swept up later. */
    discardStages(stages: StageReference[]): void;
  };
}

/** Makes a prepared effect visible. Fails with `STAGE_GONE` where the stage was discarded before. */
export const COMMIT_STAGE_ACTIVITY = 'runaheadCommitStage';
export const STAGE_GONE = 'RunaheadStageGone';

/** Signal by which an activity that streams tells its own pipeline what of its output is final. */
export const STREAM_SIGNAL = 'runaheadStream';

export interface StreamUpdate {
  activityId: string;
  /** 1 for the first attempt of the activity; another attempt starts anew. */
  attempt: number;
  /** 1, 2, ... within an attempt. After a gap nothing more is believed of that attempt. */
  sequence: number;
  changes: PartialChange[];
}

/** Signal by which a person corrects the forecast of an operation that still runs; see `ForecastCorrection`. */
export const CORRECT_FORECAST = 'runaheadCorrectForecast';

/**
 * Somebody knows better than a draft: what is assumed about the operation is given up, and the pipeline runs ahead on the value instead. The
 * operation itself goes on and has the last word. As users of Interactive Speculative Planning interrupt a step (arXiv:2410.00079), without
 * its loss.
 */
export interface ForecastCorrection {
  /** Activity type of the operation; the latest call of it that still runs. */
  operation: string;
  /** What its output will be. @default nobody knows: what is assumed is given up */
  value?: unknown;
}

/** Queries, signals and updates of every pipeline. Plain JSON in and out. */
export const QUERY = { ledger: 'ledger', decisions: 'decisions', estimator: 'estimator', knob: 'knob' } as const;
export const SET_KNOB = 'setKnob';

/** Search attributes; dollars are integers of a millionth. */
export const SEARCH_ATTRIBUTE = {
  cost: 'SpecCostMicroUsd',
  waste: 'SpecWasteMicroUsd',
  saved: 'SpecSavedMs',
  policy: 'SpecPolicy',
  entries: 'SpecEntries',
} as const;

/** The control workflow. */
export const CONTROL_WORKFLOW_ID = 'runahead-control';
export const CONTROL_TASK_QUEUE = 'runahead-control';
