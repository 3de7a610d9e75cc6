import { setTimeout as pause } from 'node:timers/promises';
import { mayBecome, UNKNOWN, withChange, type PartialChange, type PartialValue } from '../forecast/partial-value';
import type { StreamUpdate } from '../runtime/protocol';
import type { OutputStream } from './output-stream';
import { PendingChanges } from './pending-changes';
import { signalIntervalMs } from './signal-pace';

export interface OutputPublisherOptions {
  activityId: string;
  attempt: number;
  /** Delivers one update. After a failure nothing more is sent. */
  send: (update: StreamUpdate) => Promise<void>;
  /** Forecasts of this output that the pipeline may be following. */
  forecasts: () => readonly unknown[];
  onFailure: (error: unknown) => void;
}

/** An output of which all is known is as good as returned: the result itself says it, for nothing. */
const WHOLE_OUTPUT_WAIT_MS = 50;
/** How long an activity holds its result back for a signal that is under way. */
const PATIENCE_MS = 100;

/**
 * Publishes the output of one activity attempt, one signal at a time. What is final goes at once, or as soon as the pace allows; how an
 * open string begins goes along, and goes by itself only when a forecast cannot come true any more.
 */
export class OutputPublisher implements OutputStream {
  readonly #options: OutputPublisherOptions;
  readonly #pending = new PendingChanges();
  #output: PartialValue = UNKNOWN;
  /** Forecasts that may still come true; null until the first change. */
  #possible: unknown[] | null = null;
  #due = false;
  #sent = 0;
  #lastSentAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | null = null;
  #stopped = false;

  constructor(options: OutputPublisherOptions) {
    this.#options = options;
  }

  get followed(): boolean {
    return !this.#stopped;
  }

  add(changes: readonly PartialChange[]): void {
    if (this.#stopped) return;
    try {
      for (const change of changes) {
        const kept = this.#pending.add(change);
        if (kept !== null) this.#output = withChange(this.#output, kept);
      }
      if (this.#rulesOut() || this.#pending.hasFinal) this.#due = true;
    } catch (error) {
      this.#fail(error);
    }
    this.#sendWhenDue();
  }

  /** To be called before the activity ends: nothing more is sent, and what is under way does not meet the result on its way. */
  async finish(patienceMs = PATIENCE_MS): Promise<void> {
    this.#stop();
    if (this.#underWay === null) return;
    const patience = new AbortController();
    await Promise.race([
      this.#underWay,
      pause(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
  }

  /** Whether a forecast that could come true before cannot any more. */
  #rulesOut(): boolean {
    const before = (this.#possible ??= [...this.#options.forecasts()]);
    if (before.length === 0) return false;
    this.#possible = before.filter((value) => mayBecome(this.#output, value));
    return this.#possible.length < before.length;
  }

  #sendWhenDue(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || !this.#due || this.#underWay !== null) return;
    const paceMs = this.#lastSentAtMs + signalIntervalMs(this.#sent) - performance.now();
    const waitMs = this.#output.kind === 'known' ? Math.max(paceMs, WHOLE_OUTPUT_WAIT_MS) : paceMs;
    if (waitMs <= 0) this.#send();
    else this.#timer = setTimeout(() => this.#send(), waitMs);
  }

  #send(): void {
    const changes = this.#pending.take();
    this.#due = this.#pending.hasFinal;
    if (changes.length === 0) return;
    const { activityId, attempt, send } = this.#options;
    this.#sent += 1;
    this.#lastSentAtMs = performance.now();
    const update: StreamUpdate = { activityId, attempt, sequence: this.#sent, changes };
    this.#underWay = (async () => send(update))()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#underWay = null;
        this.#sendWhenDue();
      });
  }

  #fail(error: unknown): void {
    this.#stop();
    this.#options.onFailure(error);
  }

  #stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
