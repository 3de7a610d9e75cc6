import type { Observation } from '../estimate/observation';
import type { WarnOnce } from './warn-once';

export interface ReporterOptions {
  /** Delivers one batch to the control plane; fails when it did not arrive, or perhaps did not. */
  send: (batch: readonly Observation[]) => Promise<void>;
  warnOnce: WarnOnce;
  /** How long an observation waits for others to travel with, milliseconds. @default 1000 */
  flushMs?: number;
  /** Observations that fill a batch. @default 200 */
  batchSize?: number;
  /** Observations that are kept while the control plane cannot be reached; then the oldest go. @default 10000 */
  capacity?: number;
}

/** A signal may carry 2 MB; a batch of large outputs stays far below. */
const MAX_BATCH_LENGTH = 256 * 1024;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/**
 * Carries observations to the control plane in batches. What may not have arrived is sent again, because the control plane
 * counts each only once. Reporting never waits and never fails, whatever the state of the control plane.
 */
export class ObservationReporter {
  readonly #options: Required<ReporterOptions>;
  #unacknowledged: Observation[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | null = null;
  #failures = 0;

  constructor(options: ReporterOptions) {
    this.#options = { flushMs: 1000, batchSize: 200, capacity: 10_000, ...options };
  }

  /** Everything that the control plane has not confirmed, oldest first. */
  unacknowledged(): Observation[] {
    return [...this.#unacknowledged];
  }

  report(observations: readonly Observation[]): void {
    const { capacity, batchSize, flushMs, warnOnce } = this.#options;
    this.#unacknowledged.push(...observations);
    const excess = this.#unacknowledged.length - capacity;
    if (excess > 0) {
      this.#unacknowledged.splice(0, excess);
      warnOnce(
        'reporter-full',
        `More than ${capacity} observations wait for the control plane; the oldest are dropped.`,
      );
    }
    if (this.#unacknowledged.length >= batchSize && this.#failures === 0) this.#sendSoon(0);
    else this.#sendSoon(this.#failures === 0 ? flushMs : this.#retryMs());
  }

  /** Tries once to deliver everything; resolves also when that fails. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#sending;
    await this.#sendAll();
  }

  #sendSoon(delayMs: number): void {
    if (this.#sending !== null) return;
    if (this.#timer !== undefined) {
      if (delayMs > 0) return;
      clearTimeout(this.#timer);
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#sendAll();
    }, delayMs);
    this.#timer.unref();
  }

  #sendAll(): Promise<void> {
    this.#sending ??= this.#sendBatches().finally(() => {
      this.#sending = null;
      if (this.#unacknowledged.length > 0) {
        this.#sendSoon(this.#failures === 0 ? this.#options.flushMs : this.#retryMs());
      }
    });
    return this.#sending;
  }

  async #sendBatches(): Promise<void> {
    let left = this.#unacknowledged.length;
    while (left > 0 && this.#unacknowledged.length > 0) {
      const batch = this.#nextBatch();
      try {
        await this.#options.send(batch);
      } catch (error) {
        this.#failures += 1;
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.warnOnce(
          'control-unreachable',
          `The control workflow cannot be told what was observed (${reason}); pipelines go on, and it is tried again.`,
        );
        return;
      }
      this.#failures = 0;
      const delivered = new Set(batch);
      this.#unacknowledged = this.#unacknowledged.filter((observation) => !delivered.has(observation));
      left -= batch.length;
    }
  }

  #nextBatch(): Observation[] {
    const batch: Observation[] = [];
    let length = 0;
    for (const observation of this.#unacknowledged) {
      length += JSON.stringify(observation).length;
      if (batch.length > 0 && (batch.length >= this.#options.batchSize || length > MAX_BATCH_LENGTH)) break;
      batch.push(observation);
    }
    return batch;
  }

  #retryMs(): number {
    return Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS);
  }
}
