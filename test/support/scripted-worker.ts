import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { defaultPayloadConverter, type Priority, type Workflow } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import {
  bundleWorkflowCode,
  Worker,
  type ReplayWorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { temporal as proto } from '@temporalio/proto';
import { DEFAULT_KNOB, type Knob } from '../../speculation/decision/knob';
import type { Observation } from '../../speculation/estimate/observation';
import type { Briefing, DownstreamBriefing, PlannedEdge } from '../../speculation/forecast/briefing';
import type { Forecast } from '../../speculation/forecast/forecast';
import {
  EQUIVALENT_ACTIVITY,
  type EquivalenceAnswer,
  type EquivalenceRequest,
} from '../../speculation/runtime/equivalence-protocol';
import {
  DEFAULT_LIMITS,
  HEADER,
  LOOKUP_ACTIVITY,
  PIPELINE_SETTINGS_ACTIVITY,
  type LookupRequest,
  type PipelineSettings,
  type StageReference,
} from '../../speculation/runtime/protocol';
import type { TemporalForTests } from './temporal';

export type Activities = Record<string, (...args: never[]) => Promise<unknown>>;
export type History = proto.api.history.v1.IHistory;

/** What the scripted look-up answers for one operation: guesses, and what may follow. */
export interface Script {
  forecasts?: unknown[];
  draft?: Briefing['draft'];
  knob?: Partial<Knob>;
  sharedBudget?: NonNullable<Briefing['sharedBudget']>;
  plan?: PlannedEdge[];
  downstream: Record<string, Partial<DownstreamBriefing>>;
  /** How outputs are compared where a downstream accepts equivalent ones; who compares is in `ScriptedRun.equivalent`. */
  equivalence?: NonNullable<Briefing['equivalence']>;
}

const RUNTIME = require.resolve('../../speculation/runtime/interceptor');
const PIPELINES = require.resolve('../pipelines');
const bundles = new Map<boolean, Promise<WorkflowBundleWithSourceMap>>();

export function bundleOf(runahead: boolean): Promise<WorkflowBundleWithSourceMap> {
  let bundle = bundles.get(runahead);
  if (bundle === undefined) {
    bundle = bundleWorkflowCode({
      workflowsPath: PIPELINES,
      ...(runahead ? { workflowInterceptorModules: [RUNTIME] } : {}),
      logger: quiet,
    });
    bundles.set(runahead, bundle);
  }
  return bundle;
}

const quiet = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
function nothing(): void {
  // The bundler's report is of no use in a test.
}

/** Operations that certainly pay off: long, cheap and wanted, so that tests decide by admissibility and forecasts alone. */
export const WORTH_IT: DownstreamBriefing = {
  effect: 'none',
  disclosure: 'public',
  abandonSafe: false,
  latencySeconds: [1],
  cost: { kind: 'fixed', usd: 0.0001 },
  observed: {},
};

export function briefingFor(script: Script): Briefing {
  const forecasts = (script.forecasts ?? []).map((value, rank): Forecast => ({
    value,
    source: 'history',
    rank,
    costUsd: '0',
  }));
  return {
    forecasts,
    draft: script.draft ?? null,
    prior: { type: 'router_k_way', k: 2, mean: 0.5, strength: 2 },
    latencySeconds: [1],
    downstream: Object.fromEntries(
      Object.entries(script.downstream).map(([name, change]) => [name, { ...WORTH_IT, ...change }]),
    ),
    knob: { ...DEFAULT_KNOB, alpha: 1, lambdaUsdPerSecond: 1, ...script.knob },
    ...(script.sharedBudget === undefined ? {} : { sharedBudget: script.sharedBudget }),
    ...(script.plan === undefined ? {} : { plan: script.plan }),
    ...(script.equivalence === undefined ? {} : { equivalence: script.equivalence, equivalenceMostUsd: 0.0003 }),
    policyVersion: 'test',
    priceVersion: 'test',
  };
}

export interface ScriptedRun {
  scripts?: Record<string, Script | ((args: unknown[], trail: LookupRequest['trail']) => Script)>;
  settings?: Partial<PipelineSettings>;
  /** Answers look-ups instead of `scripts`. */
  lookUp?: (request: LookupRequest) => Briefing;
  /** Compares a forecast with the real output. @default the comparison fails */
  equivalent?: (request: EquivalenceRequest) => boolean | Promise<boolean>;
  /** False: the very same worker without the runtime. */
  runahead?: boolean;
  /** False: the pipeline has to look its settings up. @default true */
  clientHasPlugin?: boolean;
  /** False: each workflow has a V8 context of its own. @default true */
  reuseV8Context?: boolean;
  maxCachedWorkflows?: number;
  maxConcurrentActivities?: number;
  priority?: Priority;
  memo?: Record<string, unknown>;
}

export interface Started {
  handle: WorkflowHandleWithFirstExecutionRunId;
  observations: Observation[];
  /** What the runtime has given up, best effort. */
  discardedStages: StageReference[];
  history: () => Promise<History>;
}

/** Runs a pipeline of test/pipelines on a worker whose look-ups answer from a script, and hands it to `body` while it runs. */
export async function withPipeline<T>(
  { client, nativeConnection, server }: TemporalForTests,
  pipeline: string,
  args: unknown[],
  activities: Activities,
  run: ScriptedRun,
  body: (started: Started) => Promise<T>,
): Promise<T> {
  const { scripts = {}, runahead = true, clientHasPlugin = true } = run;
  const taskQueue = `scripted-${randomUUID()}`;
  const observations: Observation[] = [];
  const discardedStages: StageReference[] = [];
  const lookup = async (request: LookupRequest): Promise<Briefing> => {
    const { activityType, args: given, trail } = request;
    if (run.lookUp !== undefined) return run.lookUp(request);
    const script = scripts[activityType];
    if (script === undefined) throw new Error(`no script for ${activityType}`);
    return briefingFor(typeof script === 'function' ? script(given, trail) : script);
  };
  const compare = async (request: EquivalenceRequest): Promise<EquivalenceAnswer> => {
    if (run.equivalent === undefined) throw new Error('nobody can compare');
    return { equivalent: await run.equivalent(request), similarity: null };
  };
  const settings: PipelineSettings = {
    version: 1,
    enabled: true,
    disabledPipelines: [],
    forecastable: Object.keys(scripts),
    searchAttributes: false,
    strict: 'fail',
    limits: DEFAULT_LIMITS,
    policyName: 'cost-aware',
    admission: 'ranked',
    joint: true,
    ...run.settings,
  };
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace: server.namespace,
    taskQueue,
    workflowBundle: await bundleOf(runahead),
    activities: {
      ...activities,
      ...(runahead
        ? {
            [EQUIVALENT_ACTIVITY]: compare,
            [LOOKUP_ACTIVITY]: lookup,
            [PIPELINE_SETTINGS_ACTIVITY]: async () => settings,
          }
        : {}),
    },
    maxHeartbeatThrottleInterval: '100ms',
    defaultHeartbeatThrottleInterval: '100ms',
    reuseV8Context: run.reuseV8Context ?? true,
    ...(run.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: run.maxCachedWorkflows }),
    ...(run.maxConcurrentActivities === undefined
      ? {}
      : { maxConcurrentActivityTaskExecutions: run.maxConcurrentActivities }),
    sinks: {
      runahead: {
        observe: { fn: (_info, seen: Observation[]) => void observations.push(...seen), callDuringReplay: false },
        discardStages: {
          fn: (_info, stages: StageReference[]) => void discardedStages.push(...stages),
          callDuringReplay: false,
        },
      },
    },
  });
  const interceptor = {
    start: async (input: Record<string, unknown>, next: (input: never) => Promise<string>): Promise<string> =>
      next({ ...input, headers: { [HEADER]: defaultPayloadConverter.toPayload(settings) } } as never),
  };
  const { Client } = await import('@temporalio/client');
  const starter =
    runahead && clientHasPlugin
      ? new Client({
          connection: client.connection,
          namespace: server.namespace,
          interceptors: { workflow: [interceptor as never] },
        })
      : client;
  return worker.runUntil(async () => {
    const workflowId = `${pipeline}-${randomUUID()}`;
    const handle = await starter.workflow.start<Workflow>(pipeline, {
      taskQueue,
      workflowId,
      args,
      workflowTaskTimeout: '5s',
      ...(run.priority === undefined ? {} : { priority: run.priority }),
      ...(run.memo === undefined ? {} : { memo: run.memo }),
      workflowExecutionTimeout: '20s',
    });
    const history = (): Promise<History> => client.workflow.getHandle(workflowId).fetchHistory();
    return body({ handle: handle as WorkflowHandleWithFirstExecutionRunId, observations, discardedStages, history });
  });
}

/** For `Worker.runReplayHistory`. What a pipeline learned is of no interest there. */
export async function replayOptions(): Promise<ReplayWorkerOptions> {
  const ignored = { fn: nothing, callDuringReplay: false };
  const sinks = { runahead: { observe: ignored, discardStages: ignored } };
  return { workflowBundle: await bundleOf(true), sinks };
}

/**
 * Throws when the runtime of today does not give the same commands from this history. With RECORD_HISTORIES set to a folder, the
 * history is also kept there under the name of the test: that is how the files of test/histories are made.
 */
export async function replay(history: History): Promise<void> {
  const json = historyToJSON(history);
  const folder = process.env['RECORD_HISTORIES'];
  if (folder !== undefined) {
    writeFileSync(join(folder, `${slug(expect.getState().currentTestName)}.json`), withoutOrigin(json));
  }
  await Worker.runReplayHistory(await replayOptions(), JSON.parse(json));
}

/** Where and by which process it was recorded is nobody's business. */
function withoutOrigin(json: string): string {
  return json
    .replaceAll(process.cwd(), '.')
    .replaceAll(/"identity": ?"[^"]*"/g, '"identity":"recorded"')
    .replaceAll(new RegExp(`"\\d+[-@]${hostname()}-[^"]*"`, 'g'), '"sticky"');
}

function slug(title = 'untitled'): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 80);
}

/** Names of the history's events, in order, without those of workflow tasks. */
export function eventsOf(history: History): string[] {
  return (history.events ?? [])
    .map(({ eventType }) => String(eventType))
    .filter((name) => !name.includes('WORKFLOW_TASK'));
}

export function scheduledActivities(history: History): { id: string; type: string; summary: boolean }[] {
  return (history.events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled, userMetadata }) =>
    scheduled
      ? [
          {
            id: scheduled.activityId ?? '',
            type: scheduled.activityType?.name ?? '',
            summary: Boolean(userMetadata?.summary),
          },
        ]
      : [],
  );
}
