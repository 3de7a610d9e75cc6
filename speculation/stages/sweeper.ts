import type { OutboxRelay } from './outbox-relay';
import type { StageDefinition } from './stage-definition';
import { discardStage } from './staged-activity';
import type { Stage, StageStore } from './stage-store';

export interface StageSweeperOptions {
  namespace: string;
  /** By activity type. Stages of others are left to their workers. */
  definitions: ReadonlyMap<string, StageDefinition>;
  /** Whether the latest run of a workflow is closed, or there is no such workflow. */
  isOver: (workflowId: string) => Promise<boolean>;
  relay: OutboxRelay;
  /** How often it looks, and how old a stage must be to be looked at, milliseconds. */
  sweepMs: number;
  warnOnce: (key: string, message: string) => void;
}

/** What one sweep has seen. */
export interface SweepReport {
  undecided: number;
  discarded: number;
}

const PAGE = 100;
/** More than that is left to the next sweep. */
const MAX_PAGES = 50;
/** A discarded stage is remembered for a day, so that a preparation that took as long is not mistaken for a later one. */
const REMEMBER_DISCARDED_MS = 24 * 3600 * 1000;
const MAX_FORGOTTEN = 1_000;

/**
 * Discards the stages that nobody will claim: those whose workflow is closed or gone, which a terminated one cannot say by itself, and
 * those that have waited for too long. Whoever commits at the same moment wins or loses in the store.
 */
export class StageSweeper {
  readonly #options: StageSweeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<SweepReport> | null = null;
  #stopped = false;

  constructor(options: StageSweeperOptions) {
    this.#options = options;
  }

  /** Sweeps now and then again and again, until it is stopped. */
  start(): void {
    this.#stopped = false;
    void this.#round();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  /** Never fails: what a sweep could not do, the next one tries again. */
  sweep(): Promise<SweepReport> {
    this.#sweeping ??= this.#sweepAll().finally(() => {
      this.#sweeping = null;
    });
    return this.#sweeping;
  }

  async #round(): Promise<void> {
    await this.sweep();
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#round(), this.#options.sweepMs);
    this.#timer.unref();
  }

  async #sweepAll(): Promise<SweepReport> {
    const report: SweepReport = { undecided: 0, discarded: 0 };
    const stores = new Set([...this.#options.definitions.values()].map(({ store }) => store));
    for (const store of stores) {
      try {
        await this.#sweepStore(store, report);
        await store.forgetDiscarded(Date.now() - REMEMBER_DISCARDED_MS, MAX_FORGOTTEN);
      } catch (error) {
        this.#warn(`store:${store.name}`, `The stages of "${store.name}" could not be swept`, error);
      }
      this.#options.relay.soon(store);
    }
    return report;
  }

  async #sweepStore(store: StageStore, report: SweepReport): Promise<void> {
    const { namespace, definitions, sweepMs } = this.#options;
    const activityTypes = [...definitions].flatMap(([name, each]) => (each.store === store ? [name] : []));
    const beforeMs = Date.now() - sweepMs;
    const over = new Map<string, Promise<boolean>>();
    let after: Stage | undefined;
    for (let page = 0; page < MAX_PAGES && !this.#stopped; page++) {
      const query = { namespace, activityTypes, beforeMs, limit: PAGE, ...(after === undefined ? {} : { after }) };
      const stages = await store.undecided(query);
      report.undecided += stages.length;
      for (const stage of stages) {
        if (await this.#sweepStage(stage, over)) report.discarded += 1;
      }
      after = stages.at(-1);
      if (stages.length < PAGE) return;
    }
  }

  async #sweepStage(stage: Stage, over: Map<string, Promise<boolean>>): Promise<boolean> {
    const definition = this.#options.definitions.get(stage.activityType);
    if (definition === undefined || this.#stopped) return false;
    try {
      if (stage.expiresAtMs > Date.now() && !(await this.#isOver(stage.workflowId, over))) return false;
      return (await discardStage(definition, stage.id, stage.preparation)) === 'discarded';
    } catch (error) {
      this.#warn(`stage:${stage.activityType}`, `A stage of ${stage.activityType} could not be swept`, error);
      return false;
    }
  }

  /** Asked once in a sweep, however many stages a workflow has. */
  #isOver(workflowId: string, over: Map<string, Promise<boolean>>): Promise<boolean> {
    let answer = over.get(workflowId);
    if (answer === undefined) {
      answer = this.#options.isOver(workflowId);
      over.set(workflowId, answer);
    }
    return answer;
  }

  #warn(key: string, what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.warnOnce(`sweep:${key}`, `${what} (${reason}); it is tried again.`);
  }
}
