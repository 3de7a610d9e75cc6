import type { Call } from './call';
import { Guessing } from './guessing';
import { operationOf } from './question';
import type { Random } from './random-stream';
import type { CallDraw, RunDraw } from './run-draw';
import type { Surroundings } from './run-state';
import { Subject, type Hypothesis, type Launch } from './world';

/**
 * One run of a pipeline. Operations start as soon as their inputs are known: that is the authoritative run. Besides, each operation can be
 * launched on inputs that are guessed, or that are results of launches; a launch is claimed when the authoritative run asks for its
 * operation and everything it assumed has come true, and cancelled as soon as something has not.
 */
export class SimulatedRun extends Guessing {
  private readonly startSeconds: number;
  /** Inputs of each operation that are not known yet. */
  private readonly missing: number[];
  private left: number;
  private ended = false;

  constructor(
    index: number,
    draw: RunDraw,
    around: Surroundings,
    random: Random,
    private readonly onEnd: (run: SimulatedRun) => void,
  ) {
    super(index, draw, around, random);
    this.startSeconds = around.events.nowSeconds;
    this.missing = draw.operations.map(({ after }) => after.length);
    this.left = draw.operations.length;
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
      this.cancelCopies(subject);
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
    this.raceCopies(subject, draw);
  }

  /** More of the same call beside it, if the policy has it so: the first answer counts. */
  private raceCopies(subject: Subject, draw: CallDraw): void {
    const { policy } = this.around.options;
    const { drafts } = operationOf(this.draw.operations, subject.operation);
    if (policy.copies === undefined || draw.copies === undefined || drafts.length === 0) return;
    for (const latencySeconds of draw.copies.slice(0, Math.max(0, policy.copies - 1))) {
      const { inputUsd, outputUsd } = draw;
      const answer = (): void => this.copyAnswers(subject, copy);
      const copy: Call = this.newCall(
        'plain',
        { latencySeconds, inputUsd, outputUsd },
        subject.operation,
        0,
        answer,
        answer,
      );
      subject.copies.push(copy);
      this.books.copies += 1;
      this.poolOf(copy).submit(copy);
    }
  }

  /** The copy takes the place of the call that it was raced against. */
  private copyAnswers(subject: Subject, copy: Call): void {
    const { call } = subject;
    subject.copies.splice(subject.copies.indexOf(copy), 1);
    if (call.state === 'queued' || call.state === 'running') {
      this.poolOf(call).cancel(call);
      this.book(call, subject.operation, 'copy');
    }
    subject.call = copy;
    this.finishSubject(subject);
  }

  private cancelCopies(subject: Subject): void {
    for (const copy of subject.copies.splice(0)) {
      this.poolOf(copy).cancel(copy);
      this.book(copy, subject.operation, 'copy');
    }
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

  protected override finishSubject(subject: Subject): void {
    const { launch, operation } = subject;
    this.atWork.delete(subject);
    this.cancelDrafts(subject);
    this.cancelCopies(subject);
    this.effects.prepared(operation, subject.call, operationOf(this.draw.operations, operation).declared);
    if (launch === null) this.book(subject.call, operation, 'plain');
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
    this.forgetVersions(operation);
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
    this.book(subject.call, subject.operation, 'retried');
    // A copy may still answer.
    if (subject.copies.length > 0) return;
    const { latencySeconds, inputUsd, outputUsd } = operationOf(this.draw.operations, subject.operation).call;
    subject.call = this.plainCall({ latencySeconds, inputUsd, outputUsd }, subject.operation, () => subject);
    this.poolOf(subject.call).submit(subject.call);
    for (const hypothesis of subject.hypotheses) if (hypothesis.state === 'open') this.listen(hypothesis);
  }

  /** A failed launch is dropped; if it was claimed, a plain call takes its place. */
  protected override failLaunch(launch: Launch): void {
    this.forget(launch.subject);
    this.drop(launch, 'failed');
    if (launch.claimed) this.startPlain(launch.operation, operationOf(this.draw.operations, launch.operation).call);
  }

  protected override submit(subject: Subject): void {
    this.atWork.add(subject);
    this.poolOf(subject.call).submit(subject.call);
    this.considerDrafts(subject);
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
}

/** Seconds of a call that lie before the moment at which it is asked for. */
function secondsAhead({ startedSeconds, endedSeconds }: Call, nowSeconds: number): number {
  return startedSeconds === null ? 0 : (endedSeconds ?? nowSeconds) - startedSeconds;
}
