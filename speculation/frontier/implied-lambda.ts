import { impliedLambdaUsdPerSecond } from '../decision/boundary';
import { fitChoices, fitWithTheta, logLikelihood, mergeBins, type ChoiceBin } from './choice-likelihood';

/** A bet that somebody could have taken, and whether they did. */
export interface LambdaChoice {
  /** Probability that the launch is used. */
  P: number;
  speculativeCostUsd: number;
  latencySavedSeconds: number;
  /** Setting of the dial that the choice was made under; 1 where the chooser simply weighs gain against loss. */
  alpha: number;
  accepted: boolean;
}

/** What choices say a second of latency is worth to whoever made them. */
export interface ImpliedLambda {
  /** US dollars per second; null when nothing was accepted, so that only `upper` is known. */
  lambdaUsdPerSecond: number | null;
  /** Bracket of consistent choices, or 95 % interval of the likelihood. 0 and Infinity: open on that side. */
  lower: number;
  upper: number;
  /** `bracket`: one lambda explains every choice. `maximum-likelihood`: none does, and this one explains them best. */
  method: 'bracket' | 'maximum-likelihood';
  /** Choices that say something about lambda. */
  choices: number;
  /** Choices that any lambda explains, or none: no time is saved, or nothing is at stake. */
  uninformative: number;
  /** Share of the informative choices that the rule would make the same way with this lambda. */
  explained: number;
}

const MOST_BINS = 1000;
const PROFILE_BINS = 250;
/** Below this many choices a share of careless ones cannot be told from the blur of all. */
const LEAST_FOR_LAPSE = 200;
/** Half the 95 % quantile of chi-square with one degree of freedom: how far the profile may drop. */
const DROP = 1.920729;
const WIDEST = 20;

/**
 * What a second is worth to somebody, from the bets they took and refused. PROPOSED, ours: each bet has a lambda at which the published
 * rule is indifferent, C * (2 - alpha - P) / (P * dt); an accepted bet says that theirs is at least that, a refused one that it is less.
 * Where no lambda agrees with all of it, the maximum of the likelihood over log lambda decides, together with how sharply they choose and
 * how often they choose at random; of three places where they may err (see choice-likelihood.ts) the likeliest is taken.
 *
 * Consistent choices leave an interval; the largest accepted indifference is given, because the rule accepts at equality.
 *
 * @throws InvalidQuantityError for P or alpha outside 0 to 1, cost or seconds negative or not finite
 */
export function impliedLambdaFromChoices(choices: Iterable<LambdaChoice>): ImpliedLambda {
  const informative: Informative[] = [];
  let uninformative = 0;
  for (const { P, speculativeCostUsd, latencySavedSeconds, alpha, accepted } of choices) {
    const lambda = impliedLambdaUsdPerSecond(P, latencySavedSeconds, speculativeCostUsd, alpha);
    if (lambda > 0 && lambda < Infinity)
      informative.push({ lambda, accepted, C: speculativeCostUsd, margin: 2 - alpha - P });
    else uninformative += 1;
  }
  let lower = 0;
  let upper = Infinity;
  for (const { lambda, accepted } of informative) {
    if (accepted) lower = Math.max(lower, lambda);
    else upper = Math.min(upper, lambda);
  }
  const counts = { choices: informative.length, uninformative };
  if (lower <= upper) {
    return { lambdaUsdPerSecond: lower > 0 ? lower : null, lower, upper, method: 'bracket', ...counts, explained: 1 };
  }
  const withLapse = informative.length >= LEAST_FOR_LAPSE;
  const [likeliest] = ERRORS.map((stake) => binned(informative, stake))
    .map((bins) => ({ bins, best: fitChoices(bins, withLapse) }))
    .sort((left, right) => logLikelihood(right.bins, right.best) - logLikelihood(left.bins, left.best));
  if (likeliest === undefined) throw new Error('no model of the errors');
  const { bins, best } = likeliest;
  const lambdaUsdPerSecond = Math.exp(best.theta);
  const coarse = mergeBins(bins, PROFILE_BINS);
  const least = fitWithTheta(coarse, best, best.theta) - DROP;
  const holds = (theta: number): boolean => fitWithTheta(coarse, best, theta) >= least;
  const explained = informative.filter(({ lambda, accepted }) => lambda <= lambdaUsdPerSecond === accepted).length;
  return {
    lambdaUsdPerSecond,
    lower: Math.exp(best.theta - reach((distance) => holds(best.theta - distance))),
    upper: Math.exp(best.theta + reach((distance) => holds(best.theta + distance))),
    method: 'maximum-likelihood',
    ...counts,
    explained: explained / informative.length,
  };
}

interface Informative {
  lambda: number;
  accepted: boolean;
  C: number;
  /** 2 - alpha - P: what stands on the cost side of the rule, in units of C. */
  margin: number;
}

/** Where people may err: in the worth of a second, in the margin as a share of the cost, in the margin in dollars. */
const ERRORS: readonly ((choice: Informative) => number | null)[] = [
  () => null,
  ({ margin }) => margin,
  ({ C, margin }) => C * margin,
];

function binned(informative: readonly Informative[], stakeOf: (choice: Informative) => number | null): ChoiceBin[] {
  const single = informative
    .map((choice) => ({
      x: Math.log(choice.lambda),
      stake: stakeOf(choice),
      accepted: choice.accepted ? 1 : 0,
      rejected: choice.accepted ? 0 : 1,
    }))
    .sort((left, right) => left.x - right.x);
  // In units of their mean, so that one scale of sharpness fits all.
  const mean = single.reduce((sum, { stake }) => sum + (stake ?? 1), 0) / single.length;
  return mergeBins(
    single.map((each) => ({ ...each, stake: each.stake === null ? null : each.stake / mean })),
    MOST_BINS,
  );
}

/** How far one can go while `holds`, to a fiftieth. */
function reach(holds: (distance: number) => boolean): number {
  let near = 0;
  let far = 0.01;
  while (holds(far)) {
    if (far > WIDEST) return Infinity;
    near = far;
    far *= 2;
  }
  while (far - near > 0.02 * far) {
    const middle = (near + far) / 2;
    if (holds(middle)) near = middle;
    else far = middle;
  }
  return far;
}
