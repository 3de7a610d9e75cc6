/**
 * The commit barrier as the simulator has it: an effect is staged under a key, and visible only once it is released. PROPOSED: the paper
 * says that effects are buffered and released after the check, not how that survives a crash.
 */
export interface EffectBarrier {
  /** Buffers an effect. What a crashed worker had staged may be staged again under the same key. */
  stage(key: string): void;
  /** The launch is claimed. From here on the effect has to become visible, whatever happens; survives a crash. */
  claim(key: string): void;
  /** Makes the effect visible. May be asked again after a crash, when nobody knows whether it had happened. */
  release(key: string): void;
  /** Drops what was staged. */
  discard(key: string): void;
  /** How many effects are visible whose keys start like this. Keys are `run/operation/attempt`. */
  visible(prefix: string): number;
}

export class Barrier implements EffectBarrier {
  private readonly states = new Map<string, 'staged' | 'claimed' | 'released' | 'discarded'>();
  private readonly effects = new Map<string, number>();

  stage(key: string): void {
    if (this.states.get(key) === undefined) this.states.set(key, 'staged');
  }

  claim(key: string): void {
    if (this.states.get(key) === 'staged') this.states.set(key, 'claimed');
  }

  release(key: string): void {
    if (this.states.get(key) !== 'claimed') return;
    this.states.set(key, 'released');
    this.effects.set(key, (this.effects.get(key) ?? 0) + 1);
  }

  discard(key: string): void {
    if (this.states.get(key) === 'staged') this.states.set(key, 'discarded');
  }

  visible(prefix: string): number {
    let count = 0;
    for (const [key, times] of this.effects) if (key.startsWith(prefix)) count += times;
    return count;
  }
}
