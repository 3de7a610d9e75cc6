import type { Event } from './event-queue';
import type { CallDraw } from './run-draw';

/** A plain call, a launch ahead of its input, or a draft. */
export type CallKind = 'plain' | 'launch' | 'draft';

/** One call from the moment somebody wants it: waiting for a slot, at work, or over. */
export class Call {
  state: 'queued' | 'running' | 'finished' | 'cancelled' | 'failed' = 'queued';
  startedSeconds: number | null = null;
  endedSeconds: number | null = null;
  /** Seconds of undisturbed work that were done at `updatedSeconds`; brought up to date by the pool. */
  workedSeconds = 0;
  updatedSeconds = 0;
  /** The event at which it ends, while it runs. */
  end: Event | null = null;

  constructor(
    /** A launch becomes real work when it is claimed. */
    public kind: CallKind,
    readonly draw: CallDraw,
    readonly pool: string,
    /** Who goes first among launches and drafts that wait for a slot: the larger. */
    readonly rank: number,
    readonly onFinished: (call: Call) => void,
    readonly onFailed: (call: Call) => void,
  ) {}

  /** Seconds of work at which it ends, well or badly. */
  get endsAfterSeconds(): number {
    return this.draw.latencySeconds * (this.draw.failsAtShare ?? 1);
  }

  /** Share of the work that is done, 0 to 1. */
  get share(): number {
    if (this.state === 'finished') return 1;
    return this.draw.latencySeconds === 0 ? 0 : Math.min(1, this.workedSeconds / this.draw.latencySeconds);
  }

  /** waste(f) = input + f * output (method.md, section 6): what has to be paid for it so far, US dollars. */
  get costUsd(): number {
    if (this.startedSeconds === null) return 0;
    return this.draw.inputUsd + this.share * this.draw.outputUsd;
  }
}
