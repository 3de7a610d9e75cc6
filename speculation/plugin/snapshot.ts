import type { ControlSnapshotAnswer } from '../runtime/control-protocol';
import { applyObservations, parseControlState, type ControlState } from '../estimate/control-state';
import { highestNumber } from '../estimate/senders';
import type { NumberedObservation } from './observation-reporter';

export interface SnapshotOptions {
  /** What to know before the control plane has answered. */
  initial: ControlState;
  fetch: (version: string | null) => Promise<ControlSnapshotAnswer>;
  /** Under which name the worker's own observations go to the control plane. */
  sender: string;
  /** The worker's own observations that the control plane has not confirmed. */
  unacknowledged: () => NumberedObservation[];
  /** Told why a refresh failed; the old state stays. */
  onFailure: (reason: string) => void;
  /** @default 2000 */
  refreshMs?: number;
}

const LONGEST_REFRESH_MS = 30_000;

/**
 * What the control plane knew a moment ago, plus what this worker has seen since. Look-ups read memory only; nobody waits for
 * the control plane.
 */
export class ControlSnapshot {
  readonly #options: Required<SnapshotOptions>;
  #state: ControlState;
  #version: string | null = null;
  #refreshing: Promise<void> | null = null;
  /** Null while nothing is being fetched. */
  #seenWhileFetching: NumberedObservation[] | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #running = false;
  #stopped = false;

  constructor(options: SnapshotOptions) {
    this.#options = { refreshMs: 2000, ...options };
    this.#state = options.initial;
  }

  /** To be read, not changed. */
  get state(): ControlState {
    return this.#state;
  }

  /** Learns at once from what this worker saw. */
  observe(numbered: readonly NumberedObservation[]): void {
    applyObservations(
      this.#state,
      numbered.map(({ observation }) => observation),
    );
    this.#seenWhileFetching?.push(...numbered);
  }

  /** Refreshes now and then until `stop`. */
  start(): void {
    this.#running = true;
    this.#stopped = false;
    this.#refreshLater();
  }

  stop(): void {
    this.#running = false;
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Resolves also when it fails. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#fetch().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  #refreshLater(): void {
    const { refreshMs } = this.#options;
    this.#timer = setTimeout(
      () => {
        void this.refresh().then(() => {
          if (this.#running) this.#refreshLater();
        });
      },
      Math.min(refreshMs * 2 ** this.#failures, LONGEST_REFRESH_MS),
    );
    this.#timer.unref();
  }

  async #fetch(): Promise<void> {
    const ownObservations = this.#options.unacknowledged();
    this.#seenWhileFetching = ownObservations;
    try {
      const { version, state } = await this.#options.fetch(this.#version);
      if (state !== null) {
        const known = parseControlState(state);
        // The answer says how far it has counted this worker; what another worker reported as well counts once by its id.
        const counted = highestNumber(known.senders, this.#options.sender);
        const news = ownObservations.filter(({ number }) => number > counted);
        applyObservations(
          known,
          news.map(({ observation }) => observation),
        );
        this.#state = known;
      }
      this.#version = version;
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      // Nobody needs the news that a worker asks for while it stops; its connection may be going as well.
      if (!this.#stopped) this.#options.onFailure(error instanceof Error ? error.message : String(error));
    } finally {
      this.#seenWhileFetching = null;
    }
  }
}
