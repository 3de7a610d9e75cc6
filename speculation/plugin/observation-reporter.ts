import { randomUUID } from 'node:crypto';
import type { Observation } from '../estimate/observation';
import type { ObservationBatch } from '../estimate/observation-batch';
import type { WarnOnce } from './warn-once';

export interface ReporterOptions {
  /** Delivers one batch to the control plane; fails when it did not arrive, or perhaps did not. */
  send: (batch: ObservationBatch) => Promise<void>;
  /**
   * Answers once the control plane has taken in all that was delivered, with the highest number that it knows of this sender; fails when
   * there is no answer. @default nobody asks
   */
  counted?: (sender: string) => Promise<number>;
  warnOnce: WarnOnce;
  /** How long an observation waits for others to travel with, milliseconds. @default 1000 */
  flushMs?: number;
  /** Observations that fill a batch. @default 200 */
  batchSize?: number;
  /** Observations that are kept while the control plane cannot be reached; then the oldest go. @default 10000 */
  capacity?: number;
}

/** An observation with its place among all that this process has reported, from 1. */
export interface NumberedObservation {
  number: number;
  observation: Observation;
}

interface WaitingObservation extends NumberedObservation {
  /** Of its JSON. */
  bytes: number;
}

/** A signal may carry 2 MB; a batch of large outputs stays far below. */
const MAX_BATCH_BYTES = 256 * 1024;
const MAX_OBSERVATION_BYTES = 1_500_000;
/**
 * What is delivered waits in the history of the control workflow until a worker takes it in. The server ends a workflow whose history
 * exceeds 50 MB, so each sender leaves no more than this behind before it asks whether somebody does.
 */
const MAX_UNCOUNTED_BYTES = 1024 * 1024;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/**
 * Carries observations to the control plane in batches, in order and one at a time. What may not have arrived is sent again, unchanged
 * and with its number, so the control plane knows what it has. Reporting never waits and never fails, whatever the state of the
 * control plane.
 */
export class ObservationReporter {
  /** Names this process to the control plane. */
  readonly sender = randomUUID();
  readonly #options: Required<ReporterOptions>;
  #reported = 0;
  #waiting: WaitingObservation[] = [];
  /** On its way, or perhaps delivered; stays as it is until it is acknowledged. */
  #batch: WaitingObservation[] | null = null;
  #uncountedBytes = 0;
  #question: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | null = null;
  #failures = 0;

  constructor(options: ReporterOptions) {
    this.#options = { flushMs: 1000, batchSize: 200, capacity: 10_000, counted: () => Promise.resolve(0), ...options };
  }

  /** Everything that the control plane has not confirmed, oldest first. */
  unacknowledged(): NumberedObservation[] {
    return [...(this.#batch ?? []), ...this.#waiting];
  }

  get unacknowledgedCount(): number {
    return (this.#batch?.length ?? 0) + this.#waiting.length;
  }

  /** Returns the observations with their numbers; those that cannot be sent are left out, with a warning. */
  report(observations: readonly Observation[]): NumberedObservation[] {
    const { capacity, batchSize, flushMs, warnOnce } = this.#options;
    const numbered = observations.flatMap((observation) => this.#numbered(observation));
    this.#waiting.push(...numbered);
    const excess = this.#waiting.length - capacity;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      warnOnce(
        'reporter-full',
        `More than ${capacity} observations wait for the control plane; the oldest are dropped.`,
      );
    }
    if (this.#waiting.length >= batchSize && this.#failures === 0) this.#sendSoon(0);
    else this.#sendSoon(this.#failures === 0 ? flushMs : this.#retryMs());
    return numbered;
  }

  /** Tries once to deliver everything; resolves also when that fails. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#sending;
    await this.#sendAll();
  }

  #numbered(observation: Observation): WaitingObservation[] {
    let problem: string;
    try {
      const bytes = Buffer.byteLength(JSON.stringify(observation));
      if (bytes <= MAX_OBSERVATION_BYTES) return [{ number: (this.#reported += 1), observation, bytes }];
      problem = `it has ${bytes} bytes`;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    // Kept, it would hold up everything behind it for ever.
    this.#options.warnOnce(
      'unsendable',
      `The observation ${observation.id} cannot be sent (${problem}) and is dropped.`,
    );
    return [];
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
      if (this.unacknowledgedCount === 0) return;
      if (this.#failures > 0) this.#sendSoon(this.#retryMs());
      else this.#sendSoon(this.#waiting.length >= this.#options.batchSize ? 0 : this.#options.flushMs);
    });
    return this.#sending;
  }

  async #sendBatches(): Promise<void> {
    let left = this.unacknowledgedCount;
    while (left > 0 && this.unacknowledgedCount > 0) {
      try {
        await this.#untilCounted();
        left -= await this.#sendBatch((this.#batch ??= this.#takeBatch()));
        this.#failures = 0;
      } catch (error) {
        this.#failures += 1;
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.warnOnce(
          'control-unreachable',
          `The control workflow cannot be told what was observed (${reason}); pipelines go on, and it is tried again.`,
        );
        return;
      }
    }
  }

  /** Asks ahead, and waits for the answer only when too much was delivered without one. */
  async #untilCounted(): Promise<void> {
    if (this.#uncountedBytes < MAX_UNCOUNTED_BYTES / 2) return;
    this.#question ??= this.#askCounted();
    if (this.#uncountedBytes >= MAX_UNCOUNTED_BYTES) await this.#question;
  }

  /** An answer, whatever it says, comes after everything that was delivered before the question has been taken in. */
  #askCounted(): Promise<void> {
    const deliveredBytes = this.#uncountedBytes;
    const question = this.#options
      .counted(this.sender)
      .then(() => {
        this.#uncountedBytes -= deliveredBytes;
      })
      .finally(() => {
        this.#question = null;
      });
    // Who waits for it hears of the failure; otherwise it is asked again.
    question.catch(() => undefined);
    return question;
  }

  async #sendBatch(batch: readonly WaitingObservation[]): Promise<number> {
    const last = batch.at(-1);
    if (last === undefined) return 0;
    const observations = batch.map(({ observation }) => observation);
    await this.#options.send({ sender: this.sender, number: last.number, observations });
    this.#uncountedBytes += batch.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#batch = null;
    return batch.length;
  }

  #takeBatch(): WaitingObservation[] {
    let size = 0;
    let bytes = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes;
      if (size > 0 && (size >= this.#options.batchSize || bytes > MAX_BATCH_BYTES)) break;
      size += 1;
    }
    return this.#waiting.splice(0, size);
  }

  #retryMs(): number {
    return Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS);
  }
}
