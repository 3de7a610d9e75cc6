import { checkAdmissible } from '../../speculation/decision/admissibility';
import { expectedValueUsd, thresholdUsd } from '../../speculation/decision/expected-value';
import type { Knob } from '../../speculation/decision/knob';
import { latencyValueUsd } from '../../speculation/decision/latency-value';
import { speculativeCostUsd } from '../../speculation/decision/speculative-cost';
import { forecastProbability, type Outcomes } from '../../speculation/estimate/beta-posterior';
import { resolveDependency } from '../../speculation/estimate/dependency-type';
import { remainingSeconds } from '../../speculation/estimate/overlap';
import type { LaunchPolicy, LaunchQuantities } from '../../speculation/policies/launch-policy';
import { overlapOf, overlapSeconds } from './overlap';
import { expectedCost, pointsOf, READS_ONLY, type CallPrice, type OperationSpec } from './pipeline';
import { meanOf } from './surroundings';

const FREE: CallPrice = { kind: 'fixed', usd: 0 };

/** What is decided along the one edge of a chain, by the policy itself: the quantities that `decide` gives it, and no row is made of them. */
export class ChainRule {
  private readonly prior = resolveDependency({ type: 'unknown' });
  private readonly durations: readonly number[];
  private readonly draftMeanSeconds: number;
  private readonly draftUsd: number;
  private readonly admissible: boolean;
  private readonly quantities: Writable;
  /** What is left of a step that has run for a while; filled anew for each decision. */
  private readonly remaining: number[] = [];

  /** @param outcomes of the guesses so far, kept by the caller */
  constructor(
    { latency, price = FREE, draft, declared = READS_ONLY }: Omit<OperationSpec, 'after'>,
    private readonly policy: LaunchPolicy,
    private readonly knob: Knob,
    private readonly outcomes: Outcomes,
  ) {
    this.durations = pointsOf(latency);
    const draftPoints = draft === undefined ? [0] : pointsOf(draft.latency);
    this.draftMeanSeconds = draftPoints.reduce((sum, point) => sum + point, 0) / draftPoints.length;
    this.draftUsd = draft === undefined ? 0 : speculativeCostUsd(expectedCost(draft.price ?? FREE, draft.latency));
    this.admissible = checkAdmissible(declared).admissible;
    const C = speculativeCostUsd(expectedCost(price, latency));
    const seconds = meanOf(this.durations);
    this.quantities = {
      P: 0,
      speculativeCostUsd: C,
      latencyValueUsd: 0,
      expectedValueUsd: 0,
      thresholdUsd: thresholdUsd(knob.alpha, C),
      knob,
      source: draft?.source ?? 'draft',
      rank: 0,
      supports: [[{ source: draft?.source ?? 'draft' }]],
      forecastProbability: 0,
      statedConfidence: null,
      counts: null,
      depth: 1,
      siblings: [],
      openLaunches: 0,
      maxOpenLaunches: Infinity,
      latencySavedSeconds: 0,
      surroundings: {
        upstreamSeconds: seconds,
        upstreamRemainingSeconds: 0,
        downstreamSeconds: seconds,
        chainSeconds: seconds,
        chainUsd: C,
        unlockSeconds: 0,
      },
      right: null,
    };
  }

  /** `decideAsk` for a draft whose answer lets one call start. */
  isWorthAsking(elapsedSeconds: number): boolean {
    const { knob, draftUsd, draftMeanSeconds, durations, quantities } = this;
    if (!knob.enabled) return false;
    const left = this.remainingAfter(elapsedSeconds);
    for (let index = 0; index < left.length; index++)
      left[index] = Math.max(0, (left[index] as number) - draftMeanSeconds);
    const L = latencyValueUsd(knob.lambdaUsdPerSecond, overlapSeconds(left, durations));
    const valueUsd = Math.max(0, expectedValueUsd(this.probability(), L, quantities.speculativeCostUsd));
    return valueUsd > 0 && valueUsd >= (2 - knob.alpha) * draftUsd;
  }

  /**
   * `decide` for the next step.
   *
   * @param elapsedSeconds of the step whose output is guessed
   * @param goesOn whether a step follows that the launch would let start early
   */
  launches(elapsedSeconds: number, right: boolean, goesOn: boolean): boolean {
    const { knob, quantities, durations } = this;
    const left = this.remainingAfter(elapsedSeconds);
    const saved = overlapSeconds(left, durations);
    const P = this.probability();
    const L = latencyValueUsd(knob.lambdaUsdPerSecond, saved);
    quantities.P = quantities.forecastProbability = P;
    quantities.latencySavedSeconds = saved;
    quantities.latencyValueUsd = L;
    quantities.expectedValueUsd = expectedValueUsd(P, L, quantities.speculativeCostUsd);
    quantities.surroundings.upstreamRemainingSeconds = meanLeft(left);
    quantities.surroundings.unlockSeconds = goesOn ? P * overlapOf(durations, durations) : 0;
    quantities.right = right;
    return this.policy.wants(quantities) && this.admissible && knob.enabled;
  }

  private probability(): number {
    return forecastProbability(this.prior, this.outcomes, null).probability;
  }

  /** `remainingSeconds`, into one list that is used again and again. */
  private remainingAfter(elapsedSeconds: number): number[] {
    const { remaining, durations } = this;
    remaining.length = 0;
    for (const seconds of durations) if (seconds > elapsedSeconds) remaining.push(seconds - elapsedSeconds);
    if (remaining.length === 0) remaining.push(...remainingSeconds(durations, elapsedSeconds));
    return remaining;
  }
}

type Writable = { -readonly [Key in keyof LaunchQuantities]: LaunchQuantities[Key] };

function meanLeft(points: readonly number[]): number {
  let sum = 0;
  for (const point of points) sum += point;
  return sum / Math.max(1, points.length);
}
