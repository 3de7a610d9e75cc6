import type { PipelineFunction } from './fresh-modules';
import type { Operation } from './operation';
import { Run } from './run';
import type { Hypothesis } from './hypothesis';
import type { PurityAudit } from './purity-audit';

const NOTHING: ReadonlyMap<string, Operation> = new Map();

/** A re-run of the pipeline function that runs ahead on hypotheses. It never feeds a value to the authoritative run. */
export class Fiber extends Run {
  /** How many launches the values seen so far build on. */
  depth: number;
  /** Workflow time as the authoritative run saw it at the same place. */
  nowMs: number;
  /** How many random numbers it has drawn. */
  randomNumbers = 0;
  /** The workflow function from modules of its own; null to run the one that the authoritative run runs. */
  pipelineFunction: PipelineFunction | null = null;
  readonly signalHandlers = new Map<string, (...args: unknown[]) => unknown>();
  readonly updateHandlers = new Map<string, (...args: unknown[]) => unknown>();
  readonly blockedConditions = new Set<number>();
  /** Calls whose answers it knows beside those that the authoritative run has made. */
  readonly known: ReadonlyMap<string, Operation> = NOTHING;
  #ended = false;

  constructor(
    /** In the order in which they were assumed; all but the last are those of the fiber it was forked from. */
    readonly hypotheses: readonly Hypothesis[],
    startedAtMs: number,
    /** Set for the repeat of a finished run that strict mode makes. */
    readonly audit: PurityAudit | null = null,
  ) {
    super();
    this.nowMs = startedAtMs;
    this.depth = hypotheses.at(-1)?.operation.depth ?? 0;
  }

  get live(): boolean {
    return !this.#ended && this.plausible;
  }

  /** Whether what it assumes may still be so. */
  protected get plausible(): boolean {
    return this.hypotheses.every((hypothesis) => hypothesis.state !== 'refuted');
  }

  get openHypotheses(): Hypothesis[] {
    return this.hypotheses.filter((hypothesis) => hypothesis.state === 'open');
  }

  /** For its message handlers: what they change is seen, what they call is held. */
  handlerRun(): Fiber {
    const handlers = new Fiber(this.hypotheses, this.nowMs);
    handlers.end();
    return handlers;
  }

  /** From here on every call of this fiber holds for ever. */
  end(): void {
    this.#ended = true;
  }
}

/** What a held call awaits: never settles, costs a little memory and no command. */
export function held(): Promise<never> {
  return new Promise(() => undefined);
}

/** Thrown into a fiber where it cannot be held because the call is synchronous. */
export class FiberEnded extends Error {
  constructor(readonly call: string) {
    super(`A fiber ended at ${call}: its answer is not known before the authoritative run has asked.`);
  }
}
