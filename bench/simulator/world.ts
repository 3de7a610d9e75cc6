import type { Decision } from '../../speculation/decision/decision';
import type { Call } from './call';
import type { CandidateDraw, DraftDraw } from './run-draw';

/** An operation at work, for the authoritative run or for a launch: what guesses are about. */
export class Subject {
  readonly drafts: Call[] = [];
  /** The same call again, raced against it. */
  readonly copies: Call[] = [];
  readonly hypotheses: Hypothesis[] = [];
  asked = false;
  /** Launches that rest directly on a guess at this output were made; one was claimed. */
  ledToLaunch = false;
  ledToClaim = false;

  constructor(
    readonly operation: number,
    /** Null for a plain call. */
    readonly launch: Launch | null,
    public call: Call,
  ) {}

  /** What has to be true for this call to be the real one. */
  get assumes(): readonly Hypothesis[] {
    return this.launch?.assumes ?? [];
  }
}

/** One guess at the output of a subject. */
export class Hypothesis {
  state: 'open' | 'confirmed' | 'refuted' = 'open';
  /** What the stream of the subject says by now; null before it says anything. */
  reestimate: number | null = null;

  constructor(
    readonly subject: Subject,
    readonly source: DraftDraw['source'],
    readonly candidate: CandidateDraw,
  ) {}
}

/** A call that was started on guesses. */
export class Launch {
  readonly subject: Subject;
  /** Launches that it builds on since the last call that was not launched, itself included. */
  readonly level: number;
  claimed = false;

  constructor(
    readonly operation: number,
    /** Open hypotheses; confirmed ones are taken out. */
    public assumes: readonly Hypothesis[],
    /** What its inputs come from, as far as they were not known; nothing once it is claimed. */
    public inputs: readonly Version[],
    readonly decision: Decision,
    call: (launch: Launch) => Call,
  ) {
    this.level = 1 + Math.max(0, ...inputs.map(({ subject }) => subject.launch?.level ?? 0));
    this.subject = new Subject(operation, this, call(this));
  }

  get call(): Call {
    return this.subject.call;
  }

  /** Launches that it builds on and that nobody has claimed yet, itself included. */
  get openDepth(): number {
    if (this.claimed) return 0;
    return 1 + Math.max(0, ...this.inputs.map(({ subject }) => subject.launch?.openDepth ?? 0));
  }
}

/** An output that is known if some hypotheses hold: guessed, or the result of a launch. */
export interface Version {
  subject: Subject;
  /** Null for the result of a launch. */
  guess: Hypothesis | null;
}

/** What has to hold for this output to be the real one. */
export function assumptionsOf({ subject, guess }: Version): readonly Hypothesis[] {
  return guess === null || guess.state === 'confirmed' ? subject.assumes : [...subject.assumes, guess];
}

/** All of them together; null if two of them contradict each other. */
export function combine(sets: readonly (readonly Hypothesis[])[]): Hypothesis[] | null {
  const combined: Hypothesis[] = [];
  for (const hypothesis of sets.flat()) {
    const other = combined.find(({ subject }) => subject.operation === hypothesis.subject.operation);
    if (other === undefined) combined.push(hypothesis);
    else if (other !== hypothesis) return null;
  }
  return combined;
}

export function sameSet(left: readonly Hypothesis[], right: readonly Hypothesis[]): boolean {
  return left.length === right.length && left.every((hypothesis) => right.includes(hypothesis));
}
