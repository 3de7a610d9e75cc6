import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { applyKnobChange, DEFAULT_KNOB, type Knob, type KnobChange } from '../decision/knob';
import type { PlannedDecision } from '../decision/override';
import { Books } from './books';
import type { Draft, DraftedForecast } from './draft';
import { EquivalenceState } from './equivalent-claim';
import { Fiber } from './fiber';
import type { FreshModules } from './fresh-modules';
import { type StartHeader, withHeader } from './header';
import type { Launch } from './launch';
import type { Operation } from './operation';
import { OutputStream } from './output-stream';
import type { Proposal } from './proposal';
import type { ForecastCorrection, PipelineSettings, StreamUpdate } from './protocol';
import { currentRun, Run, within } from './run';
import { tenantOf } from './tenant';
import { WrittenResources } from './written-resources';

export interface ReceivedMessage {
  kind: 'signal' | 'update';
  name: string;
  args: unknown[];
}

/** All that the runtime knows of one pipeline. Other files act on it; nothing here decides anything. */
export class Pipeline {
  readonly type = workflowInfo().workflowType;
  readonly startedAtMs = Date.now();
  readonly authoritative = new Run();
  readonly engine = new Run();
  /** The runtime's own calls are out of reach of the workflow's cancellation; see finish.ts. */
  get shield(): CancellationScope {
    return (this.#shield ??= new CancellationScope({ cancellable: false, parent: this.#root }));
  }

  /** Null until known, and for ever when neither client nor worker has the plugin. */
  settings: PipelineSettings | null;
  settingsKnown: boolean;
  readonly books: Books;
  /** By `upstream>downstream`; empty until the first look-up has answered. */
  readonly plan = new Map<string, PlannedDecision>();
  /** The first look-up asks for the plan. */
  planAskedFor = false;
  readonly findings: string[] = [];

  /** What every call that is not a launch or a draft tells its worker; encoded once. */
  readonly plainCallHeaders = withHeader({}, { version: 1, pipeline: this.type, launch: false, forecastFor: null });

  /** Calls of the authoritative run by identity: activities, claimed launches, timers, children. */
  readonly journal = new Map<string, Operation>();
  readonly launches = new Map<string, Launch>();
  /** Claims that wait until what was prepared is visible. */
  commitsUnderWay = 0;
  /** What the pipeline itself has written. */
  readonly written = new WrittenResources();
  /** Calls that say what of their output is final, by activity id. */
  readonly streaming = new Map<string, Operation>();
  /** What they have said and nobody has followed yet. */
  readonly streamUpdates: StreamUpdate[] = [];
  /** What people have said about outputs that are not there yet, and nobody has followed. */
  readonly corrections: ForecastCorrection[] = [];
  /** Number of local activities under way. */
  reads = 0;
  /** Those of them that are look-ups. */
  ownReads = 0;
  /** Whether the pipeline has called local activities of its own. */
  hasLocalActivities = false;
  /** Operations that are to be looked up as soon as the settings are known. */
  readonly unasked: Operation[] = [];
  /** Operations that were looked up and not yet followed, in that order. */
  readonly asking: Operation[] = [];
  readonly drafted: DraftedForecast[] = [];
  readonly drafts = new Map<Operation, Draft>();
  /** Forecasts that may be equivalent to the real output, and calls that wait to know. */
  readonly equivalence = new EquivalenceState();
  readonly fibers = new Set<Fiber>();
  /** Fibers that asked for a call, launched or not, by the identity of the call. */
  readonly asked = new Map<string, Fiber[]>();
  /** Operations that fibers have begun to wait for, beside the one that they run ahead of. */
  readonly awaited = new Set<Operation>();
  /** Calls that fibers ask for and nobody has decided yet. */
  readonly proposals: Proposal[] = [];
  /** Calls that were decided against, for as long as that may change. */
  readonly waiting: Proposal[] = [];
  /** Room was freed, the knob turned or a hypothesis settled: what waits may get another answer. */
  reconsider = false;

  /** Grows with every call of the authoritative run; tells whether it has gone as far as it can. */
  progress = 0;
  /** A hypothesis was settled: launches may have become orphans. */
  dirty = false;
  stopped = false;
  /** Signals and updates so far, for fibers that set a handler later than the authoritative run did. */
  readonly messages: ReceivedMessage[] = [];

  /** To be called at the end of each activation. */
  lookAfterFibers: () => void = () => undefined;

  readonly #root = CancellationScope.current();
  #shield: CancellationScope | null = null;
  #controlKnob: Knob = DEFAULT_KNOB;
  #knobChange: KnobChange;
  #launches: number;
  #decisions: number;

  constructor(
    header: StartHeader | null,
    /** The arguments as they came; every run gets a copy of its own. */
    readonly args: unknown[],
    /** Where a fiber gets the workflow function from. */
    readonly modules: FreshModules,
    /** The user's workflow function behind the other interceptors. */
    readonly pipelineFunction: (args: unknown[]) => Promise<unknown>,
  ) {
    const carry = header?.carry;
    this.settings = header;
    this.settingsKnown = header !== null;
    this.books = new Books({
      pipelineType: this.type,
      carry: carry?.ledger,
      nowMs: () => this.nowMs,
      onChange: () => void (this.reconsider = true),
    });
    this.#knobChange = carry?.knobChange ?? {};
    this.#launches = carry?.launches ?? 0;
    this.#decisions = carry?.decisions ?? 0;
  }

  /** Settings for a workflow that this one starts. */
  settingsFor(workflowType: string): PipelineSettings | null {
    if (this.settings === null) return null;
    const settings: StartHeader = {
      ...this.settings,
      enabled: this.settings.disabledPipelines?.includes(workflowType) !== true,
    };
    delete settings.carry;
    return settings;
  }

  /** What the next run needs when this one continues as new. */
  headerOfNextRun(workflowType: string): StartHeader | null {
    const settings = this.settingsFor(workflowType);
    if (settings === null) return null;
    return {
      ...settings,
      carry: {
        ledger: this.books.ledger.toJSON(),
        knobChange: this.#knobChange,
        launches: this.#launches,
        decisions: this.#decisions,
      },
    };
  }

  /** Workflow time, also when a fiber is under way and sees an earlier one. */
  get nowMs(): number {
    return currentRun() instanceof Fiber ? within(this.engine, () => Date.now()) : Date.now();
  }

  /** The control plane's knob, with what was set on this very pipeline on top. */
  get knob(): Knob {
    return applyKnobChange(this.#controlKnob, this.#knobChange);
  }

  /** Name of the launch policy in force. */
  get policyName(): string {
    return this.knob.policy ?? this.settings?.policyName ?? 'sequential';
  }

  turnKnob(change: KnobChange): Knob {
    this.#knobChange = { ...this.#knobChange, ...change };
    this.reconsider = true;
    return this.knob;
  }

  controlKnob(knob: Knob): void {
    this.#controlKnob = knob;
  }

  /** Speculation is off for good and nobody checks for purity: the calls are made as ever, and booked. */
  get keepsBooksOnly(): boolean {
    return this.settingsKnown && this.settings?.enabled !== true && (this.settings?.strict ?? 'off') === 'off';
  }

  get speculating(): boolean {
    return !this.stopped && this.settings?.enabled === true;
  }

  configure(settings: PipelineSettings | null): void {
    this.settings = settings;
    this.settingsKnown = true;
  }

  forecastable(activityType: string): boolean {
    return this.settings?.forecastable.includes(activityType) === true;
  }

  /** Whether activities of this type are to say what of their output is final while they stream. */
  followsStreamOf(activityType: string): boolean {
    return this.speculating && this.knob.enabled && this.settings?.streamed?.includes(activityType) === true;
  }

  /** From here on an activity may say what of the operation's output is final. */
  listenTo(operation: Operation, activityId: string): void {
    if (!this.followsStreamOf(operation.activityType)) return;
    operation.stream = new OutputStream(activityId);
    this.streaming.set(activityId, operation);
  }

  /** A launch that nobody has claimed or given up yet, by its activity. */
  launchOf(activityId: string): Launch | undefined {
    return [...this.launches.values()].find((launch) => launch.activityId === activityId);
  }

  /** Whether running ahead of this operation can still be of use. */
  mayFork(operation: Operation): boolean {
    return this.speculating && operation.pending;
  }

  nextLaunch(): number {
    return ++this.#launches;
  }

  nextDecision(): number {
    return ++this.#decisions;
  }

  /** Whose pipeline this is; undefined for nobody's in particular. */
  get tenant(): string | undefined {
    return tenantOf(this.settings?.tenantFrom);
  }

  /** Whether calls of fibers are decided together, see `PipelineSettings.admission`. */
  get ranksLaunches(): boolean {
    return this.settings?.admission === 'ranked';
  }

  get openLaunches(): Launch[] {
    return [...this.launches.values()].filter((launch) => launch.state === 'running' && !launch.claimed);
  }
}
