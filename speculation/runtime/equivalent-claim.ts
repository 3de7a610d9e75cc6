import { type ActivityInput, CancellationScope } from '@temporalio/workflow';
import type { Fiber } from './fiber';
import type { Hypothesis } from './hypothesis';
import type { Launch } from './launch';
import type { Pipeline } from './pipeline';

/** A launch that may be what a call asks for, and the fiber that asked for it at the same place. */
export interface Candidate {
  readonly launch: Launch;
  readonly fiber: Fiber;
}

/**
 * A call of the authoritative run for which nothing with the same arguments was launched, but something that equivalent forecasts led
 * to. It waits until the engine has found out whether that may take its place, see equivalence.ts.
 */
export class EquivalentClaim {
  state: 'asked' | 'judging' | 'answered' = 'asked';
  /** The launch to claim; null for none. */
  readonly answered: Promise<Launch | null>;
  #resolve: (launch: Launch | null) => void = () => undefined;

  constructor(
    readonly identity: string,
    readonly activityType: string,
    /** Which call of its activity type it is, counted from 1. */
    readonly position: number,
    /** Best first. */
    public candidates: readonly Candidate[],
  ) {
    this.answered = new Promise((resolve) => (this.#resolve = resolve));
  }

  answer(launch: Launch | null): void {
    this.state = 'answered';
    this.#resolve(launch);
  }
}

/** What a pipeline keeps about forecasts that may turn out equivalent to the real output. */
export class EquivalenceState {
  /** Calls that wait for an answer, in the order in which they were asked for. */
  readonly claims: EquivalentClaim[] = [];
  /** Comparisons by what they compare: the same two outputs are compared once. */
  readonly verdicts = new Map<string, Promise<boolean>>();
  /** Comparisons under way that are ordinary activities. */
  readonly judges = new Set<CancellationScope>();
  /** Launches that were claimed for calls with other arguments, by their own identity. */
  readonly standIns = new Map<string, Launch>();
  /** Forecasts that were not exactly right, and whose observations wait for the comparison. */
  readonly putOff = new Set<Hypothesis>();

  /** Whether a call that waits may be about to claim it. */
  spares(launch: Launch): boolean {
    return this.claims.some(({ candidates }) => candidates.some((candidate) => candidate.launch === launch));
  }

  remove(claim: EquivalentClaim): void {
    const index = this.claims.indexOf(claim);
    if (index >= 0) this.claims.splice(index, 1);
  }
}

/** Lets a call wait for an equivalent launch; null where there is none, and the call is made at once. */
export function askForEquivalent(
  pipeline: Pipeline,
  { activityType }: ActivityInput,
  identity: string,
): EquivalentClaim | null {
  if (!pipeline.speculating || pipeline.launches.size === 0) return null;
  if (CancellationScope.current().consideredCancelled) return null;
  const position = pipeline.authoritative.positionOf(identity);
  if (position === undefined) return null;
  const candidates = candidatesFor(pipeline, activityType, position);
  if (candidates.length === 0) return null;
  const claim = new EquivalentClaim(identity, activityType, position, candidates);
  pipeline.equivalence.claims.push(claim);
  return claim;
}

function candidatesFor(pipeline: Pipeline, activityType: string, position: number): Candidate[] {
  const candidates: Candidate[] = [];
  for (const launch of pipeline.launches.values()) {
    if (launch.activityType !== activityType || !launch.claimable) continue;
    for (const fiber of launch.askers) {
      if (fiber.positionOf(launch.identity) !== position) continue;
      if (mayHaveComeTrue(fiber, activityType)) candidates.push({ launch, fiber });
    }
  }
  return candidates;
}

/** Everything that the fiber assumed was right, or may have been equivalent where the edge accepts that. */
function mayHaveComeTrue({ hypotheses }: Fiber, activityType: string): boolean {
  return (
    hypotheses.some(({ state }) => state === 'refuted') &&
    hypotheses.every(
      (hypothesis) =>
        hypothesis.state === 'confirmed' || (hypothesis.state === 'refuted' && hypothesis.comparableFor(activityType)),
    )
  );
}
