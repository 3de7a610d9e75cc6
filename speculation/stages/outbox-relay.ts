import type { StageStore } from './stage-store';

export interface OutboxRelayOptions {
  warnOnce: (key: string, message: string) => void;
}

const BATCH = 100;

/** Delivers what commits have sent: right after them, and again whenever it is asked to look. */
export class OutboxRelay {
  readonly #options: OutboxRelayOptions;
  readonly #running = new Map<StageStore, Promise<void>>();
  /** Stores that got more while their messages were being delivered. */
  readonly #again = new Set<StageStore>();

  constructor(options: OutboxRelayOptions) {
    this.#options = options;
  }

  /** Delivers what there is, in the background. Nothing happens for a store that has no `deliver`. */
  soon(store: StageStore): void {
    if (store.deliver === null) return;
    if (this.#running.has(store)) {
      this.#again.add(store);
      return;
    }
    const run = this.#relay(store).finally(() => {
      this.#running.delete(store);
      if (this.#again.delete(store)) this.soon(store);
    });
    this.#running.set(store, run);
  }

  /** Resolves when nothing is on its way any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  async #relay(store: StageStore): Promise<void> {
    const { name, deliver } = store;
    if (deliver === null) return;
    try {
      let found: { delivered: number; failed: number };
      do {
        found = await store.relay(deliver, BATCH);
        if (found.failed > 0) this.#warn(name, `${found.failed} of ${found.delivered + found.failed} failed`);
        // Those that failed would be the oldest again.
      } while (found.failed === 0 && found.delivered === BATCH);
    } catch (error) {
      this.#warn(name, error instanceof Error ? error.message : String(error));
    }
  }

  #warn(name: string, reason: string): void {
    const message = `Messages of the outbox of "${name}" could not be delivered (${reason}); it is tried again.`;
    this.#options.warnOnce(`outbox:${name}`, message);
  }
}
