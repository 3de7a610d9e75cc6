import type { Declared } from '../../speculation/decision/admissibility';
import type { EffectBarrier } from './barrier';
import type { Call } from './call';
import type { EventQueue } from './event-queue';

/** A release takes effect after half of this time, and is known to have done so at the end of it; in between a crash leaves doubt. */
const RELEASE_SECONDS = 0.1;

/** The effects of one run on their way through the barrier. */
export class StagedEffects {
  private readonly keys = new Map<Call, string>();
  /** Claimed, and not yet known to be released. */
  private readonly owed = new Set<string>();
  private readonly claimed = new Set<Call>();
  private attempts = 0;
  private epoch = 0;

  constructor(
    private readonly events: EventQueue,
    private readonly barrier: EffectBarrier,
    private readonly run: number,
  ) {}

  /** The call has ended well: what it wants to do to the world is known. */
  prepared(operation: number, call: Call, declared: Declared | null): void {
    if (declared?.effect !== 'staged') return;
    const key = `${this.run}/${operation}/${this.attempts++}`;
    this.keys.set(call, key);
    this.barrier.stage(key);
    if (this.claimed.has(call)) this.owe(key);
  }

  /** The authoritative run has asked for this call. */
  claim(_operation: number, call: Call): void {
    this.claimed.add(call);
    const key = this.keys.get(call);
    if (key !== undefined) this.owe(key);
  }

  discard(call: Call): void {
    const key = this.keys.get(call);
    if (key !== undefined) this.barrier.discard(key);
  }

  /** Releases under way are in doubt, and are asked for again. */
  crash(): void {
    this.epoch += 1;
    for (const key of this.owed) this.release(key);
  }

  private owe(key: string): void {
    this.barrier.claim(key);
    this.owed.add(key);
    this.release(key);
  }

  private release(key: string): void {
    const { epoch } = this;
    const now = this.events.nowSeconds;
    this.events.plan(now + RELEASE_SECONDS / 2, () => {
      if (epoch === this.epoch) this.barrier.release(key);
    });
    this.events.plan(now + RELEASE_SECONDS, () => {
      if (epoch === this.epoch) this.owed.delete(key);
    });
  }
}
