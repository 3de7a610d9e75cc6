import type { Call } from './call';
import type { EventQueue } from './event-queue';

/** Where calls run: a model endpoint, a task queue. */
export interface PoolOptions {
  /** Calls that run at the same time. Real work goes before launches and drafts. @default unlimited */
  slots?: number;
  /** How much longer work takes while so many calls run at once: 1 is undisturbed. @default always 1 */
  slowdown?: (running: number) => number;
}

/** Calls that share slots and, if wanted, slow each other down. */
export class Pool {
  private readonly waiting: Call[] = [];
  private readonly running = new Set<Call>();
  private factor = 1;

  constructor(
    private readonly events: EventQueue,
    private readonly options: PoolOptions,
  ) {}

  /** Starts the call, or lets it wait for a slot. */
  submit(call: Call): void {
    if (this.running.size < (this.options.slots ?? Infinity)) {
      this.start(call);
      return;
    }
    const before = this.waiting.findIndex((other) => goesBefore(call, other));
    this.waiting.splice(before < 0 ? this.waiting.length : before, 0, call);
  }

  /** A launch that is claimed while it still waits becomes real work, behind the real work that was there before. */
  promote(call: Call): void {
    const index = this.waiting.indexOf(call);
    call.kind = 'plain';
    if (index < 0) return;
    this.waiting.splice(index, 1);
    this.submit(call);
  }

  /** Ends a call early, wherever it is. */
  cancel(call: Call): void {
    this.abandon(call, 'cancelled');
  }

  /** The worker of this call is gone. */
  crash(call: Call): void {
    if (call.state === 'running') this.abandon(call, 'failed');
  }

  /** Brings the work that a running call has done up to now. */
  update(call: Call): void {
    if (call.state !== 'running') return;
    const { nowSeconds } = this.events;
    call.workedSeconds += (nowSeconds - call.updatedSeconds) / this.factor;
    call.updatedSeconds = nowSeconds;
  }

  private abandon(call: Call, state: 'cancelled' | 'failed'): void {
    if (call.state === 'queued') {
      const index = this.waiting.indexOf(call);
      if (index >= 0) this.waiting.splice(index, 1);
      call.state = state;
      call.endedSeconds = this.events.nowSeconds;
      return;
    }
    if (call.state !== 'running') return;
    this.leave(call, state);
  }

  private start(call: Call): void {
    this.running.add(call);
    call.state = 'running';
    call.startedSeconds = call.updatedSeconds = this.events.nowSeconds;
    this.planEnd(call);
    this.settleFactor();
  }

  private leave(call: Call, state: 'finished' | 'cancelled' | 'failed'): void {
    this.update(call);
    call.end?.cancel();
    call.end = null;
    call.state = state;
    call.endedSeconds = this.events.nowSeconds;
    this.running.delete(call);
    const next = this.running.size < (this.options.slots ?? Infinity) ? this.waiting.shift() : undefined;
    if (next !== undefined) this.start(next);
    else this.settleFactor();
  }

  private end(call: Call): void {
    const failed = call.draw.failsAtShare !== undefined;
    this.leave(call, failed ? 'failed' : 'finished');
    if (failed) call.onFailed(call);
    else call.onFinished(call);
  }

  private planEnd(call: Call): void {
    call.end?.cancel();
    const left = Math.max(0, call.endsAfterSeconds - call.workedSeconds);
    call.end = this.events.plan(this.events.nowSeconds + left * this.factor, () => this.end(call));
  }

  private settleFactor(): void {
    const factor = this.options.slowdown?.(this.running.size) ?? 1;
    if (factor === this.factor) return;
    for (const call of this.running) this.update(call);
    this.factor = factor;
    for (const call of this.running) this.planEnd(call);
  }
}

function goesBefore(call: Call, other: Call): boolean {
  if (call.kind === 'plain') return other.kind !== 'plain';
  return other.kind !== 'plain' && call.rank > other.rank;
}
