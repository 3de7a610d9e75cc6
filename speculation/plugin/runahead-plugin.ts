import { Connection, type ClientOptions, type WorkflowClientInterceptor } from '@temporalio/client';
import type { Logger } from '@temporalio/common';
import { SimplePlugin } from '@temporalio/plugin';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type {
  ActivityInterceptorsFactory,
  ReplayWorkerOptions,
  Worker,
  WorkerOptions,
  WorkflowBundleOption,
} from '@temporalio/worker';
import { COMMIT_STAGE_ACTIVITY, CONTROL_TASK_QUEUE, type StageReference } from '../runtime/protocol';
import type { StageSweeper } from '../stages/sweeper';
import { activityInterceptor } from './activity-interceptor';
import { CancellationCheck } from './cancellation-check';
import { clientInterceptor } from './client-interceptor';
import { controlBundle, ControlHost } from './control-host';
import { comparisonActivities } from './equivalence-worker';
import type { Observation } from '../estimate/observation';
import { fitsInJsonOf } from './fits-in-json';
import { LeftBehindAudit } from './left-behind-audit';
import { lookupActivities } from './lookup-activities';
import { defaultStrict, type Strict } from './pipeline-settings';
import { PolicyError } from './policy-error';
import type { Policy } from './policy-file';
import { checkPolicyAgainstWorker } from './policy-worker-check';
import { SearchAttributeCheck } from './search-attributes';
import { warnOnceInto, type WarnOnce } from './warn-once';
import { StageWorker } from './stage-worker';
import {
  DEFAULT_HEARTBEAT_THROTTLE_MS,
  runaheadSinks,
  userActivityNames,
  withActivities,
  withHeartbeatThrottle,
  wrapsResults,
} from './worker-options';
import { WorkerMemory } from './worker-memory';

/** Module that makes workflows run ahead; for `workflowInterceptorModules` when workflow code is bundled ahead of time. */
export const WORKFLOW_INTERCEPTOR_PATH = require.resolve('../runtime/interceptor');

export interface RunaheadPluginOptions {
  /** What may run early. Needed by every worker that runs workflows. @default nothing may */
  policy?: Policy;
  /** What to do about a pipeline function that is not pure apart from its calls. @default "off" in production, else "warn" */
  strict?: Strict;
  /** Whether workers start the control workflow and run it beside their own. @default true */
  hostControl?: boolean;
  /** Pre-built code of the control workflow. @default built when the first worker starts, which takes some seconds */
  controlBundle?: WorkflowBundleOption;
  /** How often a launch beats by itself, so that its cancellation arrives, milliseconds. @default 100 */
  launchBeatMs?: number;
  /** Most time between two heartbeats that reach the server, milliseconds. @default 125 */
  heartbeatThrottleMs?: number;
  /** How often the control workflow is asked for news, milliseconds. @default 2000 */
  refreshMs?: number;
  /** How long an observation waits for others to travel with, milliseconds; the worker itself knows it at once. @default 1000 */
  flushMs?: number;
  /**
   * How often a worker with stages looks for those that nobody will claim, and how old they must be, milliseconds. @default 30000
   */
  sweepMs?: number;
  /**
   * How often a worker asks the books of pipelines that were ended from outside for what they left behind, milliseconds. @default 5000
   */
  auditMs?: number;
  /** @default the logger of the Temporal runtime in a worker, stderr in a client */
  logger?: Logger;
}

const DEFAULT_NAMESPACE = 'default';

/**
 * Makes the workflows of a worker run ahead of their activities. Give the same plugin to clients and workers (and to
 * `bundleWorkflowCode`, where workflow code is bundled ahead of time).
 *
 * @example
 * const plugin = new RunaheadPlugin({ policy });
 * const client = new Client({ connection, plugins: [plugin] });
 * const worker = await Worker.create({ taskQueue, workflowsPath, activities, plugins: [plugin] });
 */
export class RunaheadPlugin extends SimplePlugin {
  readonly #options: Omit<Required<RunaheadPluginOptions>, 'policy' | 'logger' | 'controlBundle'>;
  readonly #policy: Policy | null;
  readonly #controlBundle: WorkflowBundleOption | null;
  readonly #warnOnce: WarnOnce;
  readonly #check: SearchAttributeCheck;
  readonly #cancellation: CancellationCheck;
  /** Null where nothing can be staged. */
  readonly #stages: StageWorker | null;
  readonly #memories = new Map<string, WorkerMemory>();
  /** By namespace and task queue. */
  readonly #audits = new Map<string, LeftBehindAudit>();
  readonly #factories = new WeakSet<ActivityInterceptorsFactory>();
  readonly #workers = new WeakSet<Worker>();
  #logger: Logger | null;

  constructor(options: RunaheadPluginOptions = {}) {
    super({ name: 'runahead', workerInterceptors: { workflowModules: [WORKFLOW_INTERCEPTOR_PATH] } });
    const { policy, logger, controlBundle: bundle, ...rest } = options;
    this.#options = {
      strict: defaultStrict(),
      hostControl: true,
      launchBeatMs: 100,
      heartbeatThrottleMs: DEFAULT_HEARTBEAT_THROTTLE_MS,
      refreshMs: 2000,
      flushMs: 1000,
      sweepMs: 30_000,
      auditMs: 5_000,
      ...rest,
    };
    this.#policy = policy ?? null;
    this.#controlBundle = bundle ?? null;
    this.#logger = logger ?? null;
    this.#warnOnce = warnOnceInto(() => (this.#logger ??= new DefaultLogger('WARN')));
    this.#check = new SearchAttributeCheck(this.#warnOnce);
    this.#cancellation = new CancellationCheck(this.#warnOnce);
    const { sweepMs } = this.#options;
    this.#stages = policy === undefined ? null : new StageWorker(policy, { sweepMs, warnOnce: this.#warnOnce });
  }

  override configureClient(options: ClientOptions): ClientOptions {
    const configured = super.configureClient(options);
    if (this.#policy === null) return configured;
    const existing = configured.interceptors?.workflow ?? [];
    if (!Array.isArray(existing)) {
      throw new TypeError('Runahead needs client interceptors in a list: interceptors: { workflow: [...] }.');
    }
    const connection = configured.connection ?? Connection.lazy();
    const ours: WorkflowClientInterceptor = clientInterceptor({
      policy: this.#policy,
      strict: this.#options.strict,
      check: this.#check,
      cancellation: this.#cancellation,
      connection,
      namespace: configured.namespace ?? DEFAULT_NAMESPACE,
    });
    return { ...configured, connection, interceptors: { ...configured.interceptors, workflow: [...existing, ours] } };
  }

  /** @throws PolicyError when the policy is missing, or does not fit the worker's activities */
  override configureWorker(options: WorkerOptions): WorkerOptions {
    if (this.#isConfigured(options)) return options;
    this.#logger ??= Runtime.instance().logger;
    const configured = withHeartbeatThrottle(super.configureWorker(options), this.#options.heartbeatThrottleMs);
    const memory = this.#memoryOf(options.namespace ?? DEFAULT_NAMESPACE);
    const factory = activityInterceptor({
      policy: this.#policy,
      state: () => memory.state,
      report: (observations) => memory.report(observations),
      budgets: memory.budgets,
      fitsInJson: fitsInJsonOf(options.dataConverter),
      canWrapResult: wrapsResults(options),
      launchBeatMs: this.#options.launchBeatMs,
      warnOnce: this.#warnOnce,
    });
    this.#factories.add(factory);
    // First means outermost: other interceptors see the activity's own result, without its bill.
    const interceptors = {
      ...configured.interceptors,
      activity: [factory, ...(configured.interceptors?.activity ?? [])],
    };
    const staged = this.#stages?.activities(options) ?? {};
    const ours = withActivities({ ...configured, interceptors }, staged);
    const runsWorkflows = options.workflowsPath !== undefined || options.workflowBundle !== undefined;
    if (runsWorkflows) return this.#withWorkflowSide(ours, memory);
    // Comparisons that take a while run where the other activities of the pipeline run.
    return withActivities(ours, comparisonActivities(this.#policy, this.#warnOnce));
  }

  override configureReplayWorker(options: ReplayWorkerOptions): ReplayWorkerOptions {
    const configured = super.configureReplayWorker(options);
    return { ...configured, sinks: { ...configured.sinks, ...runaheadSinks(nothing, nothing) } };
  }

  override async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    const { client, connection } = worker;
    const { namespace, taskQueue, dataConverter } = worker.options;
    const isOurs = taskQueue === CONTROL_TASK_QUEUE || this.#workers.has(worker);
    if (isOurs || client === undefined || connection === undefined) return next(worker);
    this.#workers.add(worker);
    const { hostControl } = this.#options;
    const bundle = this.#bundle(dataConverter);
    const host = hostControl
      ? new ControlHost({ connection, namespace, dataConverter, bundle, warnOnce: this.#warnOnce })
      : null;
    const memory = this.#memoryOf(namespace);
    const runsStages = worker.options.activities.has(COMMIT_STAGE_ACTIVITY);
    let sweeper: StageSweeper | null = null;
    const audit = this.#audits.get(`${namespace}/${taskQueue}`);
    try {
      await Promise.all([
        memory.attach(client, { start: hostControl }),
        this.#check.ask(connection, namespace),
        this.#cancellation.ask(connection, namespace, { workerBeats: workerBeats() }),
      ]);
      if (runsStages) sweeper = (await this.#stages?.start(client, namespace)) ?? null;
      audit?.start(client, taskQueue);
      await next(worker);
    } finally {
      await Promise.all([audit?.stop(client), this.#stages?.stop(sweeper)]);
      await memory.detach(client);
      await host?.stop();
    }
  }

  /** Tells the control workflow at once what the workers of a namespace have seen, and asks it for news. */
  async synchronise(namespace = DEFAULT_NAMESPACE): Promise<void> {
    await this.#memoryOf(namespace).synchronise();
  }

  #isConfigured({ taskQueue, interceptors }: WorkerOptions): boolean {
    const ours = (interceptors?.activity ?? []).some((factory) => this.#factories.has(factory));
    return ours || taskQueue === CONTROL_TASK_QUEUE;
  }

  #withWorkflowSide(options: WorkerOptions, memory: WorkerMemory): WorkerOptions {
    const policy = this.#policy;
    if (policy === null) {
      throw new PolicyError(
        'POLICY_MISSING',
        '(the policy)',
        undefined,
        'Give the plugin of this worker the policy: new RunaheadPlugin({ policy: definePolicy({ ... }) }).',
        'is missing, and the worker runs workflows',
      );
    }
    const ownActivities = userActivityNames(options);
    const enableNonLocalActivities = ownActivities.length > 0 && options.enableNonLocalActivities !== false;
    checkPolicyAgainstWorker(policy, enableNonLocalActivities ? ownActivities : []);
    if (this.#options.hostControl) void this.#bundle(options.dataConverter).catch(() => undefined);
    const namespace = options.namespace ?? DEFAULT_NAMESPACE;
    const lookups = lookupActivities({
      policy,
      state: () => memory.state,
      searchAttributes: () => this.#check.known(namespace),
      cancellation: () => this.#cancellation.known(namespace),
      strict: this.#options.strict,
      warnOnce: this.#warnOnce,
    });
    const discard = (stages: StageReference[]): void => this.#stages?.desk.discard(stages);
    const audit = this.#auditOf(namespace, options.taskQueue);
    return {
      ...options,
      activities: { ...options.activities, ...lookups, ...comparisonActivities(policy, this.#warnOnce) },
      // With our local activities alone, a worker without activities must not begin to poll for any.
      enableNonLocalActivities,
      sinks: { ...options.sinks, ...runaheadSinks((observations) => audit.receive(observations), discard) },
    };
  }

  #bundle(dataConverter: WorkerOptions['dataConverter']): Promise<WorkflowBundleOption> {
    return this.#controlBundle === null ? controlBundle(dataConverter) : Promise.resolve(this.#controlBundle);
  }

  #auditOf(namespace: string, taskQueue: string): LeftBehindAudit {
    const key = `${namespace}/${taskQueue}`;
    let audit = this.#audits.get(key);
    if (audit === undefined) {
      const report = (observations: readonly Observation[]): void => this.#memoryOf(namespace).report(observations);
      audit = new LeftBehindAudit({ report, warnOnce: this.#warnOnce, auditMs: this.#options.auditMs });
      this.#audits.set(key, audit);
    }
    return audit;
  }

  #memoryOf(namespace: string): WorkerMemory {
    let memory = this.#memories.get(namespace);
    if (memory === undefined) {
      const { refreshMs, flushMs } = this.#options;
      memory = new WorkerMemory({ policy: this.#policy, warnOnce: this.#warnOnce, refreshMs, flushMs });
      this.#memories.set(namespace, memory);
    }
    return memory;
  }
}

/** Whether workers of this process report to the server, which is how it knows where to push. */
function workerBeats(): boolean {
  return Runtime.instance().options.runtimeOptions.workerHeartbeatIntervalMillis !== null;
}

function nothing(): void {
  // What a replay reports has been reported before.
}
