import type { Guess } from './beliefs';
import { bookEnd, emptyBooks, type Books } from './books';
import { Call, type CallKind } from './call';
import type { EventQueue } from './event-queue';
import type { ResolvedOptions } from './options';
import type { Pool } from './pool';
import { askForLaunch, isWorthAsking, operationOf, type Circumstances } from './question';
import type { Random } from './random-stream';
import { isStillWorthIt } from './reconsider';
import type { CallDraw, DraftDraw, OperationDraw, RunDraw } from './run-draw';
import { StagedEffects } from './staged-effects';
import { assumptionsOf, combine, Hypothesis, Launch, sameSet, Subject, type Version } from './world';

/** What a run shares with the others. */
export interface Surroundings {
  events: EventQueue;
  options: ResolvedOptions;
  workload: string;
  poolNamed: (name: string) => Pool;
  nextId: () => number;
}

/**
 * One run of a pipeline. Operations start as soon as their inputs are known: that is the authoritative run. Besides, each operation can be
 * launched on inputs that are guessed, or that are results of launches; a launch is claimed when the authoritative run asks for its
 * operation and everything it assumed has come true, and cancelled as soon as something has not.
 */
export class SimulatedRun {
  readonly books: Books = { ...emptyBooks(), runs: 1 };
  private readonly startSeconds: number;
  private readonly dependents: number[][];
  private readonly missing: number[];
  private readonly done: boolean[];
  /** What each operation's output may be, while it is not known. */
  private readonly versions: Version[][];
  /** What was decided already, by what it rests on. */
  private readonly considered: (readonly Hypothesis[])[][];
  private readonly atWork = new Set<Subject>();
  private readonly launches = new Set<Launch>();
  private readonly effects: StagedEffects;
  private left: number;
  private ended = false;

  constructor(
    private readonly index: number,
    private readonly draw: RunDraw,
    private readonly around: Surroundings,
    private readonly random: Random,
    private readonly onEnd: (run: SimulatedRun) => void,
  ) {
    const { operations } = draw;
    this.startSeconds = around.events.nowSeconds;
    this.dependents = operations.map(() => []);
    this.missing = operations.map(({ after }) => after.length);
    this.done = operations.map(() => false);
    this.versions = operations.map(() => []);
    this.considered = operations.map(() => []);
    this.left = operations.length;
    this.effects = new StagedEffects(around.events, around.options.barrier, index);
    for (const [operation, { after }] of operations.entries()) {
      for (const upstream of after) this.dependentsOf(upstream).push(operation);
    }
  }

  /** Starts what needs no input. */
  start(): void {
    for (const [operation, missing] of this.missing.entries()) if (missing === 0) this.ask(operation);
    if (this.left === 0) this.finish();
  }

  /** Every worker dies: what was running has failed, and what was real is started again. */
  crash(): void {
    this.effects.crash();
    for (const subject of [...this.atWork]) {
      const { call } = subject;
      this.cancelDrafts(subject);
      this.poolOf(call).crash(call);
      if (call.state === 'failed') call.onFailed(call);
    }
  }

  /** The authoritative run wants the operation: its inputs are known. */
  private ask(operation: number): void {
    this.considered[operation] = [];
    const launch = [...this.launches].find((each) => each.operation === operation && each.assumes.length === 0);
    if (launch === undefined) this.startPlain(operation, operationOf(this.draw.operations, operation).call);
    else this.claim(launch);
  }

  private startPlain(operation: number, draw: CallDraw): void {
    const subject: Subject = new Subject(
      operation,
      null,
      this.plainCall(draw, operation, () => subject),
    );
    this.submit(subject);
  }

  private plainCall(draw: CallDraw, operation: number, subject: () => Subject): Call {
    const finish = (): void => this.finishSubject(subject());
    return this.newCall('plain', draw, operation, 0, finish, () => this.retry(subject()));
  }

  private claim(launch: Launch): void {
    const { call } = launch;
    launch.claimed = true;
    this.books.savedSeconds += secondsAhead(call, this.now);
    for (const { subject, guess } of launch.inputs) {
      if (guess === null || subject.ledToClaim) continue;
      subject.ledToClaim = true;
      this.books.windows.numerator += 1;
    }
    launch.inputs = [];
    this.effects.claim(launch.operation, call);
    if (call.state === 'finished') {
      this.settleLaunch(launch, 'claimed');
      this.becomeKnown(launch.subject);
    } else {
      this.poolOf(call).promote(call);
      this.considerDrafts(launch.subject);
    }
  }

  private finishSubject(subject: Subject): void {
    const { launch, operation } = subject;
    this.atWork.delete(subject);
    this.cancelDrafts(subject);
    this.effects.prepared(operation, subject.call, operationOf(this.draw.operations, operation).declared);
    if (launch === null) bookEnd(this.books, subject.call, 'plain');
    else if (launch.claimed) this.settleLaunch(launch, 'claimed');
    if (launch === null || launch.claimed) {
      if (launch === null) this.effects.claim(operation, subject.call);
      this.becomeKnown(subject);
      return;
    }
    this.settleGuesses(subject);
    this.replaceVersions(operation, subject, [{ subject, guess: null }]);
    this.offerDependents(operation);
  }

  /** The real output of an operation is there. */
  private becomeKnown(subject: Subject): void {
    const { operation } = subject;
    this.settleGuesses(subject);
    if (subject.ledToLaunch) this.books.windows.denominator += 1;
    for (const hypothesis of subject.hypotheses) this.learn(hypothesis);
    this.done[operation] = true;
    this.versions[operation] = [];
    this.left -= 1;
    for (const dependent of this.dependentsOf(operation)) {
      const missing = (this.missing[dependent] ?? 0) - 1;
      this.missing[dependent] = missing;
      if (missing === 0) this.ask(dependent);
      else this.offer(dependent);
    }
    if (this.left === 0) this.finish();
  }

  /** The same call again. What was guessed at its output is as good as before. */
  private retry(subject: Subject): void {
    this.books.retriedUsd += subject.call.costUsd;
    const { latencySeconds, inputUsd, outputUsd } = operationOf(this.draw.operations, subject.operation).call;
    subject.call = this.plainCall({ latencySeconds, inputUsd, outputUsd }, subject.operation, () => subject);
    this.poolOf(subject.call).submit(subject.call);
    for (const hypothesis of subject.hypotheses) if (hypothesis.state === 'open') this.listen(hypothesis);
  }

  /** A failed launch is dropped; if it was claimed, a plain call takes its place. */
  private failLaunch(launch: Launch): void {
    this.forget(launch.subject);
    this.drop(launch, 'failed');
    if (launch.claimed) this.startPlain(launch.operation, operationOf(this.draw.operations, launch.operation).call);
  }

  /** Nobody knows what a failed call would have said: what rests on guesses at it is cancelled. */
  private forget(subject: Subject): void {
    for (const hypothesis of subject.hypotheses) this.refute(hypothesis);
  }

  private considerDrafts(subject: Subject): void {
    const { operation } = subject;
    const { drafts } = operationOf(this.draw.operations, operation);
    const downstream = this.dependentsOf(operation);
    if (subject.asked || drafts.length === 0 || downstream.length === 0) return;
    if (this.depthAbove(subject) > this.around.options.maxDepth) return;
    subject.asked = true;
    for (const draft of drafts) {
      const free = draft.inputUsd === 0 && draft.outputUsd === 0;
      if (!free && this.around.options.drafts === 'worth-it') {
        if (!isWorthAsking(this.circumstances, subject, draft, downstream)) continue;
      }
      this.startDraft(subject, draft);
    }
  }

  private startDraft(subject: Subject, draft: DraftDraw): void {
    this.books.drafts += 1;
    const finish = (): void => {
      bookEnd(this.books, call, 'draft');
      for (const candidate of draft.candidates) this.guess(subject, draft.source, candidate);
    };
    const { launchedLatencySeconds = draft.latencySeconds } = draft;
    const draw = subject.launch === null ? draft : { ...draft, latencySeconds: launchedLatencySeconds };
    const call = new Call('draft', draw, '', 0, finish, () => bookEnd(this.books, call, 'draft'));
    subject.drafts.push(call);
    this.poolOf(call).submit(call);
  }

  private guess(subject: Subject, source: Guess['source'], candidate: DraftDraw['candidates'][number]): void {
    if (subject.call.state !== 'running' && subject.call.state !== 'queued') return;
    // Two right guesses are one and the same value, and lead to the same calls.
    const known = subject.hypotheses.some((other) => other.candidate.right && candidate.right);
    const hypothesis = new Hypothesis(subject, source, candidate);
    subject.hypotheses.push(hypothesis);
    if (known) {
      hypothesis.state = 'confirmed';
      return;
    }
    this.listen(hypothesis);
    if (hypothesis.state !== 'open') return;
    this.versionsOf(subject.operation).push({ subject, guess: hypothesis });
    this.offerDependents(subject.operation);
  }

  /** What the stream of the guessed operation says about the guess, when it says it. */
  private listen(hypothesis: Hypothesis): void {
    const { call } = hypothesis.subject;
    for (const { atShare, probability } of hypothesis.candidate.reestimates ?? []) {
      const hear = (): void => {
        this.poolOf(call).update(call);
        const missing = (atShare - call.share) * call.draw.latencySeconds;
        if (missing <= 1e-9) this.reestimate(hypothesis, probability);
        else
          this.around.events.plan(this.now + missing, () => {
            if (call.state === 'running' || call.state === 'queued') hear();
          });
      };
      hear();
    }
  }

  private reestimate(hypothesis: Hypothesis, probability: number): void {
    const { reconsider } = this.around.options;
    if (reconsider === 'end' || hypothesis.state !== 'open') return;
    hypothesis.reestimate = probability;
    if (probability === 0) this.refute(hypothesis);
    else if (reconsider !== 'refuted') {
      for (const launch of [...this.launches]) {
        if (launch.claimed || launch.call.state === 'finished' || !launch.assumes.includes(hypothesis)) continue;
        this.poolOf(launch.call).update(launch.call);
        if (!isStillWorthIt(this.circumstances, launch, reconsider)) this.drop(launch, 'cancelled');
      }
    }
  }

  private offerDependents(operation: number): void {
    for (const dependent of this.dependentsOf(operation)) this.offer(dependent);
  }

  /** Decides about every combination of inputs for this operation that was not decided about before. */
  private offer(operation: number): void {
    const { after } = operationOf(this.draw.operations, operation);
    let combinations: Version[][] = [[]];
    for (const upstream of after) {
      if (this.done[upstream] === true) continue;
      const versions = this.versionsOf(upstream);
      combinations = combinations.flatMap((chosen) => versions.map((version) => [...chosen, version]));
    }
    for (const inputs of combinations) this.decide(operation, inputs);
  }

  private decide(operation: number, inputs: readonly Version[]): void {
    const assumes = combine(inputs.map(assumptionsOf));
    if (assumes === null || assumes.length === 0) return;
    if (assumes.some(({ state }) => state === 'refuted')) return;
    const considered = this.consideredFor(operation);
    if (
      considered.some((other) =>
        sameSet(
          other.filter(({ state }) => state !== 'confirmed'),
          assumes,
        ),
      )
    )
      return;
    considered.push(assumes);
    const depth = 1 + Math.max(0, ...inputs.map(({ subject }) => this.depthOf(subject)));
    const row = askForLaunch(this.circumstances, operation, assumes, depth);
    this.books.decisions += 1;
    this.around.options.observer.onDecision?.(row, this.index);
    if (row.decision === 'hold') return;

    const drawn = operationOf(this.draw.operations, operation);
    const rank = row.speculativeCostUsd === 0 ? Infinity : row.expectedValueUsd / row.speculativeCostUsd;
    const right = assumes.every(({ candidate }) => candidate.right);
    const launch: Launch = new Launch(operation, assumes, inputs, row, (self) =>
      this.newCall(
        'launch',
        this.drawLaunch(drawn, right),
        operation,
        rank,
        () => this.finishSubject(self.subject),
        () => this.failLaunch(self),
      ),
    );
    this.books.launched += 1;
    this.launches.add(launch);
    for (const { subject, guess } of inputs) if (guess !== null) subject.ledToLaunch = true;
    this.submit(launch.subject);
  }

  private drawLaunch({ call, launched = call, astray }: OperationDraw, right: boolean): CallDraw {
    return right || astray === undefined ? launched : astray(this.random);
  }

  private submit(subject: Subject): void {
    this.atWork.add(subject);
    this.poolOf(subject.call).submit(subject.call);
    this.considerDrafts(subject);
  }

  /** The output of this call is there: guesses at it are right or wrong, as far as its own assumptions go. */
  private settleGuesses(subject: Subject): void {
    for (const hypothesis of subject.hypotheses) {
      if (hypothesis.state !== 'open') continue;
      if (hypothesis.candidate.right) this.confirm(hypothesis);
      else this.refute(hypothesis);
    }
  }

  private confirm(hypothesis: Hypothesis): void {
    hypothesis.state = 'confirmed';
    for (const launch of this.launches) launch.assumes = launch.assumes.filter((each) => each !== hypothesis);
  }

  private refute(hypothesis: Hypothesis): void {
    hypothesis.state = 'refuted';
    for (const launch of [...this.launches]) if (launch.assumes.includes(hypothesis)) this.drop(launch, 'cancelled');
    this.replaceVersions(hypothesis.subject.operation, null, []);
  }

  /** Ends a launch that nobody will claim, with all that rests on it. */
  private drop(launch: Launch, outcome: 'cancelled' | 'failed'): void {
    if (!this.launches.has(launch)) return;
    this.poolOf(launch.call).cancel(launch.call);
    this.settleLaunch(launch, outcome);
    this.atWork.delete(launch.subject);
    this.cancelDrafts(launch.subject);
    this.effects.discard(launch.call);
    this.forget(launch.subject);
    for (const other of [...this.launches]) {
      if (other.inputs.some(({ subject }) => subject === launch.subject)) this.drop(other, 'cancelled');
    }
    this.replaceVersions(launch.operation, launch.subject, []);
  }

  private settleLaunch(launch: Launch, outcome: 'claimed' | 'cancelled' | 'failed'): void {
    this.launches.delete(launch);
    bookEnd(this.books, launch.call, outcome);
    if (outcome === 'claimed') this.books.claimed += 1;
    this.around.options.observer.onLaunchEnd?.(launch.decision, outcome, launch.call.costUsd);
  }

  /** Takes away what became of one subject, and what has been refuted, and puts `instead` in its place. */
  private replaceVersions(operation: number, subject: Subject | null, instead: readonly Version[]): void {
    const kept = this.versionsOf(operation).filter(
      (version) => version.subject !== subject && version.guess?.state !== 'refuted',
    );
    this.versions[operation] = [...kept, ...instead];
  }

  private cancelDrafts(subject: Subject): void {
    for (const draft of subject.drafts) {
      if (draft.state !== 'running' && draft.state !== 'queued') continue;
      this.poolOf(draft).cancel(draft);
      bookEnd(this.books, draft, 'draft');
    }
  }

  private learn({ subject, source, candidate }: Hypothesis): void {
    const { operations } = this.draw;
    this.books.guesses.denominator += 1;
    if (candidate.right) this.books.guesses.numerator += 1;
    const upstream = operationOf(operations, subject.operation).name;
    for (const dependent of this.dependentsOf(subject.operation)) {
      const downstream = operationOf(operations, dependent).name;
      this.around.options.beliefs.observe({ upstream, downstream, source, candidate }, candidate.right);
    }
  }

  private finish(): void {
    if (this.ended) return;
    this.ended = true;
    this.books.seconds = this.now - this.startSeconds;
    for (const launch of [...this.launches]) this.drop(launch, 'cancelled');
    this.onEnd(this);
  }

  private newCall(
    kind: CallKind,
    draw: CallDraw,
    operation: number,
    rank: number,
    onFinished: () => void,
    onFailed: () => void,
  ): Call {
    const pool = operationOf(this.draw.operations, operation).pool ?? '';
    return new Call(kind, draw, pool, rank, onFinished, onFailed);
  }

  private depthOf({ launch }: Subject): number {
    if (launch === null) return 0;
    return this.around.options.depth === 'block' ? launch.level : launch.openDepth;
  }

  /** The depth that a launch on a guess at this subject would have. */
  private depthAbove(subject: Subject): number {
    return 1 + this.depthOf(subject);
  }

  private get circumstances(): Circumstances {
    const { around, books, launches } = this;
    return {
      run: this.index,
      workload: around.workload,
      operations: this.draw.operations,
      nowSeconds: this.now,
      options: around.options,
      openLaunches: [...launches],
      nextId: around.nextId,
      spending: () => {
        let spentUsd = books.wasteUsd + books.draftUsd;
        let reservedUsd = 0;
        for (const { claimed, call, decision } of launches) {
          if (claimed) continue;
          if (call.state === 'finished') spentUsd += call.costUsd;
          else reservedUsd += decision.speculativeCostUsd;
        }
        return { spentUsd, reservedUsd };
      },
    };
  }

  private get now(): number {
    return this.around.events.nowSeconds;
  }

  private poolOf(call: Call): Pool {
    return this.around.poolNamed(call.pool);
  }

  private dependentsOf(operation: number): number[] {
    return this.dependents[operation] ?? [];
  }

  private versionsOf(operation: number): Version[] {
    return this.versions[operation] ?? [];
  }

  private consideredFor(operation: number): (readonly Hypothesis[])[] {
    return this.considered[operation] ?? [];
  }
}

/** Seconds of a call that lie before the moment at which it is asked for. */
function secondsAhead({ startedSeconds, endedSeconds }: Call, nowSeconds: number): number {
  return startedSeconds === null ? 0 : (endedSeconds ?? nowSeconds) - startedSeconds;
}
