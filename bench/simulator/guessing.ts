import type { Guess } from './beliefs';
import { Call } from './call';
import { Launching } from './launching';
import { isWorthAsking, operationOf } from './question';
import { isStillWorthIt } from './reconsider';
import type { DraftDraw } from './run-draw';
import { Hypothesis, type Subject } from './world';

/** Drafts and what they say; what the streams of running operations say about it. */
export abstract class Guessing extends Launching {
  protected considerDrafts(subject: Subject): void {
    const { operation } = subject;
    const { drafts } = operationOf(this.draw.operations, operation);
    const downstream = this.dependentsOf(operation);
    if (subject.asked || drafts.length === 0 || downstream.length === 0) return;
    if (this.depthAbove(subject) > this.around.options.maxDepth) return;
    subject.asked = true;
    for (const draft of drafts) {
      const free = draft.inputUsd === 0 && draft.outputUsd === 0;
      if (draft.source === 'draft' && this.around.options.drafts === 'never') continue;
      if (!free && this.around.options.drafts === 'worth-it') {
        if (!isWorthAsking(this.circumstances, subject, draft, downstream)) continue;
      }
      this.startDraft(subject, draft);
    }
  }

  protected startDraft(subject: Subject, draft: DraftDraw): void {
    this.books.drafts += 1;
    const finish = (): void => {
      this.book(call, subject.operation, 'draft');
      for (const candidate of draft.candidates) this.guess(subject, draft.source, candidate);
    };
    const { launchedLatencySeconds = draft.latencySeconds } = draft;
    const draw = subject.launch === null ? draft : { ...draft, latencySeconds: launchedLatencySeconds };
    const call = new Call('draft', draw, draft.pool ?? '', 0, finish, () =>
      this.book(call, subject.operation, 'draft'),
    );
    subject.drafts.push(call);
    this.poolOf(call).submit(call);
  }

  protected guess(subject: Subject, source: Guess['source'], candidate: DraftDraw['candidates'][number]): void {
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
  protected listen(hypothesis: Hypothesis): void {
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

  protected reestimate(hypothesis: Hypothesis, probability: number): void {
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

  /** The depth that a launch on a guess at this subject would have. */
  protected depthAbove(subject: Subject): number {
    return 1 + this.depthOf(subject);
  }
}
