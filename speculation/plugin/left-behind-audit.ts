import { QueryNotRegisteredError, ServiceError, type Client, type WorkflowHandle } from '@temporalio/client';
import type { Observation, UnresolvedOperations } from '../estimate/observation';
import type { LedgerReport } from '../ledger/ledger';
import { HEADER, QUERY } from '../runtime/protocol';
import type { WarnOnce } from './warn-once';

export interface LeftBehindAuditOptions {
  report: (observations: readonly Observation[]) => void;
  warnOnce: WarnOnce;
  /** How often it looks for pipelines that were ended, milliseconds. */
  auditMs: number;
}

interface Run {
  workflowId: string;
  runId: string;
}

/** The closing task of the pipeline is on its way to the server when its pipeline says what it leaves. */
const FIRST_QUESTION_MS = 100;
const NEXT_QUESTION_MS = 1_000;
/** Each closed run is replayed by a worker to be asked. */
const CONCURRENCY = 4;
const RPC_TIMEOUT_MS = 5_000;
/** What was ended while no worker was there is looked for from so long ago on. */
const LOOK_BACK_MS = 600_000;
/** Visibility may lag behind, and clocks differ. */
const OVERLAP_MS = 60_000;
/** What cannot be asked so often is believed. */
const MOST_QUESTIONS = 10;
const REMEMBERED_RUNS = 10_000;
const PATIENCE_MS = 2_000;
/** gRPC: the run was over before it had done anything. */
const FAILED_PRECONDITION = 9;
/** gRPC: cancelled, deadline exceeded, resource exhausted, aborted, unavailable. */
const PASSING = new Set([1, 4, 8, 10, 14]);

/**
 * Tells the control workflow which operations have no bill in the books of their pipeline, so that it books those bills itself.
 *
 * A pipeline says so when it closes, and says it too early where the server rejects its closing task because an operation ended at the
 * same moment: then it books that one after all. And a pipeline that was terminated, timed out or was reset does not say it at all. So the
 * pipeline's own books, as its history has them, are asked before anything is reported.
 */
export class LeftBehindAudit {
  readonly #options: LeftBehindAuditOptions;
  /** What pipelines have said, and how often their books could not be asked. */
  #said: { report: UnresolvedOperations; questions: number }[] = [];
  /** Runs that were ended from outside and have been looked at. */
  readonly #seen = new Set<string>();
  #checkTimer: NodeJS.Timeout | undefined;
  #lookedAtMs = Date.now() - LOOK_BACK_MS + OVERLAP_MS;
  #timer: NodeJS.Timeout | undefined;
  #auditing: Promise<void> | null = null;
  #checking: Promise<void> | null = null;
  /** Task queue by the client of each running worker: any of them will do. */
  readonly #places = new Map<Client, string>();

  constructor(options: LeftBehindAuditOptions) {
    this.#options = options;
  }

  /** Reports what pipelines observe; what they leave behind only after it was checked. */
  receive(observations: readonly Observation[]): void {
    const others: Observation[] = [];
    for (const observation of observations) {
      if (observation.kind === 'unresolved') this.#said.push({ report: observation, questions: 0 });
      else others.push(observation);
    }
    if (others.length > 0) this.#options.report(others);
    if (this.#said.length > 0) this.#checkSoon(FIRST_QUESTION_MS);
  }

  start(client: Client, taskQueue: string): void {
    this.#places.set(client, taskQueue);
    if (this.#places.size === 1) this.#auditLater();
  }

  /** To be called while the connection of the client is still open. What the last worker could not check is believed. */
  async stop(client: Client): Promise<void> {
    this.#places.delete(client);
    if (this.#places.size > 0) return;
    clearTimeout(this.#timer);
    clearTimeout(this.#checkTimer);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
    await Promise.race([Promise.all([this.#auditing, this.#checking]), patience]);
    clearTimeout(timer);
    this.#options.report(this.#said.splice(0).map(({ report }) => report));
  }

  #auditLater(): void {
    this.#timer = setTimeout(() => {
      this.#auditing = this.#lookForEnded().finally(() => {
        this.#auditing = null;
        if (this.#places.size > 0) this.#auditLater();
      });
    }, this.#options.auditMs);
    this.#timer.unref();
  }

  /** A killed worker takes along what it has not reported, so nobody waits for the next look. */
  #checkSoon(delayMs: number): void {
    if (this.#checking !== null || this.#places.size === 0) return;
    clearTimeout(this.#checkTimer);
    this.#checkTimer = setTimeout(() => {
      this.#checking = this.#checkAll().finally(() => {
        this.#checking = null;
        if (this.#said.length > 0) this.#checkSoon(NEXT_QUESTION_MS);
      });
    }, delayMs);
    this.#checkTimer.unref();
  }

  async #checkAll(): Promise<void> {
    const waiting = this.#said.splice(0);
    const checkSome = async (): Promise<void> => {
      for (let said = waiting.shift(); said !== undefined; said = waiting.shift()) await this.#check(said);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, checkSome));
  }

  async #check(said: { report: UnresolvedOperations; questions: number }): Promise<void> {
    const { report } = said;
    try {
      const left = new Set(await this.#leftBehindBy(report));
      const activityIds = report.activityIds.filter((id) => left.has(id));
      if (activityIds.length > 0) this.#options.report([{ ...report, activityIds }]);
    } catch {
      said.questions += 1;
      if (said.questions < MOST_QUESTIONS) this.#said.push(said);
      else this.#options.report([report]);
    }
  }

  async #lookForEnded(): Promise<void> {
    try {
      await this.#reportEnded();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.warnOnce('left-behind', `Pipelines that were ended could not be asked (${reason}).`);
    }
  }

  /** Those that were cancelled or failed say it by themselves, but are few, and a worker may have died before it passed it on. */
  async #reportEnded(): Promise<void> {
    const [place] = this.#places;
    if (place === undefined) return;
    const [client, taskQueue] = place;
    const startedAtMs = Date.now();
    const since = new Date(this.#lookedAtMs - OVERLAP_MS).toISOString();
    const query =
      `TaskQueue = "${taskQueue.replaceAll('"', '\\"')}" AND CloseTime > "${since}" ` +
      'AND ExecutionStatus IN ("Terminated", "TimedOut", "Canceled", "Failed")';
    const failures: unknown[] = [];
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      if (this.#seen.has(runId)) continue;
      try {
        const activityIds = await this.#leftBehindBy({ workflowId, runId });
        this.#remember(runId);
        if (activityIds.length === 0) continue;
        this.#options.report([{ kind: 'unresolved', id: `${runId}/unresolved/ended`, workflowId, runId, activityIds }]);
      } catch (error) {
        // The others are asked all the same, and this one again.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    this.#lookedAtMs = startedAtMs;
  }

  /** What has no bill in the run's own books and will not get one; nothing where it keeps no books. */
  async #leftBehindBy({ workflowId, runId }: Run): Promise<string[]> {
    const [client] = this.#places.keys();
    if (client === undefined) throw new Error('no worker is running');
    const inTime = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + RPC_TIMEOUT_MS, call);
    const handle = client.workflow.getHandle(workflowId, runId);
    try {
      const { status } = await inTime(() => handle.describe());
      // A run whose closing task was rejected goes on: what is merely open there is not left behind.
      const isOver = status.name !== 'RUNNING' && status.name !== 'PAUSED';
      const { entries } = await inTime(() => handle.query<LedgerReport>(QUERY.ledger));
      // A run that was continued as new has entries of earlier runs, with ids that come again.
      const latest = new Map(entries.map((entry) => [entry.id, entry]));
      return [...latest.values()].filter((entry) => entry.unresolved || (isOver && isOpen(entry))).map(({ id }) => id);
    } catch (error) {
      if (keepsNoBooks(error) || grpcCodeOf(error) === FAILED_PRECONDITION) return [];
      if (PASSING.has(grpcCodeOf(error) ?? -1)) throw error;
      // The SDK cannot replay a run that was ended between what its code asked for and what the server has of it.
      return openCalls(await inTime(() => handle.fetchHistory()));
    }
  }

  #remember(runId: string): void {
    this.#seen.add(runId);
    const [oldest] = this.#seen;
    if (this.#seen.size > REMEMBERED_RUNS && oldest !== undefined) this.#seen.delete(oldest);
  }
}

/** Without its bill; a launch that has finished unclaimed has it. */
function isOpen({ settled, state }: LedgerReport['entries'][number]): boolean {
  return !settled && state !== 'finished';
}

function keepsNoBooks(error: unknown): boolean {
  return error instanceof QueryNotRegisteredError && /did not register a handler/i.test(error.message);
}

function grpcCodeOf(error: unknown): number | undefined {
  const cause: unknown = error instanceof ServiceError ? error.cause : error;
  const code: unknown = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** Activities of a pipeline whose end its history has not. */
function openCalls({ events }: History): string[] {
  const open = new Map<string, string>();
  for (const event of events ?? []) {
    const { activityTaskScheduledEventAttributes: scheduled } = event;
    if (scheduled?.header?.fields?.[HEADER] != null) open.set(String(event.eventId), scheduled.activityId ?? '');
    const ended =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskCanceledEventAttributes ??
      event.activityTaskTimedOutEventAttributes;
    if (ended != null) open.delete(String(ended.scheduledEventId));
  }
  return [...open.values()];
}
