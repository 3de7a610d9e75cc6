import { RunState } from './run-state';
import type { Hypothesis, Launch, Subject } from './world';

/** Guesses that turn out right or wrong, and what becomes of the launches that rest on them. */
export abstract class Settling extends RunState {
  /** The output of this call is there: guesses at it are right or wrong, as far as its own assumptions go. */
  protected settleGuesses(subject: Subject): void {
    for (const hypothesis of subject.hypotheses) {
      if (hypothesis.state !== 'open') continue;
      if (hypothesis.candidate.right) this.confirm(hypothesis);
      else this.refute(hypothesis);
    }
  }

  /** Nobody knows what a failed call would have said: what rests on guesses at it is cancelled. */
  protected forget(subject: Subject): void {
    for (const hypothesis of subject.hypotheses) this.refute(hypothesis);
  }

  protected confirm(hypothesis: Hypothesis): void {
    hypothesis.state = 'confirmed';
    for (const launch of this.launches) launch.assumes = launch.assumes.filter((each) => each !== hypothesis);
  }

  protected refute(hypothesis: Hypothesis): void {
    hypothesis.state = 'refuted';
    const refuted = [...this.launches].filter((launch) => launch.assumes.includes(hypothesis));
    // First those that wait for a slot, so that none of them begins on the slot of another.
    for (const launch of refuted) if (launch.call.state === 'queued') this.drop(launch, 'cancelled');
    for (const launch of refuted) this.drop(launch, 'cancelled');
    this.replaceVersions(hypothesis.subject.operation, null, []);
  }

  /** Ends a launch that nobody will claim, with all that rests on it. */
  protected drop(launch: Launch, outcome: 'cancelled' | 'failed'): void {
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

  protected settleLaunch(launch: Launch, outcome: 'claimed' | 'cancelled' | 'failed'): void {
    this.launches.delete(launch);
    this.book(launch.call, launch.operation, outcome);
    if (outcome === 'claimed') this.books.claimed += 1;
    this.around.options.observer.onLaunchEnd?.(launch.decision, outcome, launch.call.costUsd);
  }

  protected cancelDrafts(subject: Subject): void {
    for (const draft of subject.drafts) {
      if (draft.state !== 'running' && draft.state !== 'queued') continue;
      this.poolOf(draft).cancel(draft);
      this.book(draft, subject.operation, 'draft');
    }
  }
}
