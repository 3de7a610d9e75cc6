import type { ActivityOptions, CancellationScope } from '@temporalio/workflow';
import type { Decision } from '../decision/decision';
import type { Fiber } from './fiber';
import type { Hypothesis } from './hypothesis';
import { Operation } from './operation';
import type { StageReference } from './protocol';

/** An operation that was started before the authoritative run asked for it. */
export class Launch extends Operation {
  state: 'running' | 'done' | 'failed' | 'cancelled' = 'running';
  claimed = false;
  /** Cancellation was asked for, because nobody can want the result any more. */
  discarded = false;
  /** The operation with other arguments that it was claimed for, because its forecasts were equivalent. */
  standsFor: Operation | null = null;
  /** It was claimed from a scope that was left before it ended: nobody waits for it any more. */
  left = false;
  /** What it has prepared and nobody has committed yet. */
  stage: StageReference | null = null;
  /** Resources that it has read, known when it is done. */
  reads: readonly string[] = [];
  /** The pipeline's own writes until it was claimed: later ones are as concurrent with the call as without a launch. */
  writesUntil: number | undefined;
  /** Resources that it has written, or will have when its stage is committed. */
  writes: readonly string[] = [];
  readonly askers = new Set<Fiber>();
  /** The worlds in which this launch is wanted: in each, all of the hypotheses hold. */
  readonly worlds: (readonly Hypothesis[])[] = [];

  constructor(
    identity: string,
    readonly activityId: string,
    activityType: string,
    args: unknown[],
    startedAtMs: number,
    /** Why it was made. */
    readonly decision: Decision,
    options: ActivityOptions,
    /** Cancelling it cancels the activity; nothing else does. */
    readonly scope: CancellationScope,
    /** The pipeline's own writes until then, see `WrittenResources`. */
    readonly writesBefore: number,
  ) {
    super(identity, activityType, args, startedAtMs, decision.depth, options);
  }

  wantedBy(fiber: Fiber): void {
    if (this.askers.has(fiber)) return;
    this.askers.add(fiber);
    this.worlds.push(fiber.hypotheses);
  }

  get claimable(): boolean {
    return !this.claimed && !this.discarded && (this.state === 'running' || this.state === 'done');
  }

  /** Everything that it rests on was right: the authoritative run may be about to ask for it. */
  get inReach(): boolean {
    return this.worlds.some((world) => world.every(({ state }) => state === 'confirmed'));
  }

  /** Nobody has claimed it and no open hypothesis is left under which somebody may. */
  get orphaned(): boolean {
    return this.claimable && !this.worlds.some((world) => mayComeTrue(world, this.activityType));
  }
}

/** A world whose hypotheses are all confirmed is not one to wait for: the authoritative run has been there. */
function mayComeTrue(world: readonly Hypothesis[], activityType: string): boolean {
  return (
    world.every((hypothesis) => isPossible(hypothesis) || mayServe(hypothesis, activityType)) &&
    world.some((hypothesis) => hypothesis.state === 'open' || isAwaited(hypothesis, activityType))
  );
}

function isPossible({ state }: Hypothesis): boolean {
  return state === 'open' || state === 'confirmed';
}

/** Not exactly right, but found equivalent or about to be compared, and the edge accepts that. */
function mayServe(hypothesis: Hypothesis, activityType: string): boolean {
  if (hypothesis.state === 'withdrawn') return hypothesis.acceptedBy(activityType);
  return hypothesis.judgement !== 'none' && hypothesis.comparableFor(activityType);
}

/** Whether it may yet be found equivalent. */
function isAwaited(hypothesis: Hypothesis, activityType: string): boolean {
  if (hypothesis.state === 'withdrawn') return hypothesis.acceptedBy(activityType);
  return hypothesis.judgement === 'pending';
}
