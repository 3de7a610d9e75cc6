import type { ActivityOptions } from '@temporalio/workflow';
import { clonePlain } from '../forecast/canonical-json';
import type { Briefing } from '../forecast/briefing';
import type { Fiber } from './fiber';
import type { Hypothesis } from './hypothesis';
import type { OutputStream } from './output-stream';
import type { Race } from './race';

type Outcome = { state: 'pending' } | { state: 'resolved'; value: unknown } | { state: 'rejected'; error: Error };

/** A call that was really made, by the authoritative run or early by a launch, and what came of it. */
export class Operation {
  outcome: Outcome = { state: 'pending' };
  settledAtMs: number | null = null;
  briefing: Briefing | null = null;
  /** What it has said of its output so far; null where it does not stream. */
  stream: OutputStream | null = null;
  /** Copies of it that run beside it; null where there are none. */
  race: Race | null = null;
  /** Fibers that wait for its output. */
  readonly awaiters = new Set<Fiber>();
  /** What fibers assume about the output while it is pending. */
  readonly hypotheses: Hypothesis[] = [];
  /** False for a timer: it fails only because its scope was left, which says nothing about the fiber. */
  failureEndsFibers = true;
  #settled: Promise<void> | null = null;
  #announce: () => void = () => undefined;

  constructor(
    readonly identity: string,
    readonly activityType: string,
    readonly args: unknown[],
    readonly startedAtMs: number,
    /** How many launches this operation builds on; 0 for one that the authoritative run made. */
    readonly depth: number,
    /** As the pipeline gave them; a draft of this operation runs with the same. */
    readonly options: ActivityOptions,
  ) {}

  /** Resolves when the operation has an outcome, whatever it is. Made when somebody waits for it. */
  get settled(): Promise<void> {
    this.#settled ??= this.pending ? new Promise((resolve) => (this.#announce = resolve)) : Promise.resolve();
    return this.#settled;
  }

  get pending(): boolean {
    return this.outcome.state === 'pending';
  }

  /** Keeps a pristine copy: the pipeline may change the object that it is given. */
  resolve(value: unknown, atMs: number): void {
    this.#settle({ state: 'resolved', value: clonePlain(value) }, atMs);
  }

  reject(error: unknown, atMs: number): void {
    // The SDK rejects with errors only.
    this.#settle({ state: 'rejected', error: error as Error }, atMs);
  }

  #settle(outcome: Outcome, atMs: number): void {
    this.outcome = outcome;
    this.settledAtMs = atMs;
    this.#announce();
  }
}
