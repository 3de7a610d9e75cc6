import type { JsonPath } from '../forecast/partial-value';
import type { PipelineFunction } from './fresh-modules';
import type { Operation } from './operation';
import { currentRun, Run } from './run';
import type { Hypothesis } from './hypothesis';
import type { PurityAudit } from './purity-audit';
import { currentStrand, inStrand, type Strand } from './strand';

const NOTHING: ReadonlyMap<string, Operation> = new Map();

/** A place of an output that a fiber wanted to read: the member there, or all of what is there. */
export interface Missing {
  hypothesis: Hypothesis;
  path: JsonPath;
  whole: boolean;
}

/** A re-run of the pipeline function that runs ahead on hypotheses. It never feeds a value to the authoritative run. */
export class Fiber extends Run {
  /** Workflow time as the authoritative run saw it at the same place. */
  nowMs: number;
  /** How many random numbers it has drawn. */
  randomNumbers = 0;
  /** The workflow function from modules of its own; null to run the one that the authoritative run runs. */
  pipelineFunction: PipelineFunction | null = null;
  readonly signalHandlers = new Map<string, (...args: unknown[]) => unknown>();
  readonly updateHandlers = new Map<string, (...args: unknown[]) => unknown>();
  readonly blockedConditions = new Set<number>();
  /** What it wanted to read of outputs that still stream, and was not known. */
  readonly missing: Missing[] = [];
  /** The path of execution that starts with the function; see strand.ts for others. */
  readonly #mainStrand: Strand;
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
    this.#mainStrand = { ended: false, depth: Math.max(0, ...hypotheses.map(({ operation }) => operation.depth)) };
  }

  get live(): boolean {
    return !this.#ended && this.plausible;
  }

  /** Whether what it assumes may still be so. */
  protected get plausible(): boolean {
    return this.hypotheses.every(({ state }) => state === 'open' || state === 'confirmed');
  }

  /** Whether the path of execution that is under way may make calls. */
  get goesOn(): boolean {
    return this.live && !this.strand.ended;
  }

  /** The path of execution that is under way. */
  get strand(): Strand {
    return currentStrand() ?? this.#mainStrand;
  }

  /** A path of execution gets no further; the main one takes the whole fiber with it. */
  endAt(strand: Strand): void {
    strand.ended = true;
    if (strand === this.#mainStrand) this.end();
  }

  /** The path of execution that is under way needs what nobody knows yet: it ends here, and other paths of this fiber go on. */
  endStrand(missing: Missing, what: string): never {
    this.missing.push(missing);
    this.strand.ended = true;
    throw new FiberEnded(what);
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

/** Thrown into a fiber where it cannot be held because what it asks for has to be there at once. */
export class FiberEnded extends Error {
  constructor(readonly what: string) {
    super(`A fiber ended at ${what}: nobody knows that yet.`);
  }
}

/** Runs a part of the fiber that is under way as a path of its own. */
export function inOwnStrand<T>(body: () => T): T {
  const run = currentRun();
  return inStrand({ ended: false, depth: run instanceof Fiber ? run.strand.depth : 0 }, body);
}
