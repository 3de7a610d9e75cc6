/*
 * How likely choices are if somebody weighs time at a certain price. PROPOSED, ours. A bet that is just worth it at exp(x) dollars a second
 * is taken by somebody to whom a second is worth exp(theta) with probability
 *
 *     lapse + (1 - 2 lapse) / (1 + exp(-sharpness * z))
 *
 * a logit choice with a share of answers that have nothing to do with the bet. What z is depends on where they err: in what a second is
 * worth, z = theta - x; or in what the bet gains, z = stake * (exp(theta - x) - 1), which is its margin in units of their error.
 */

/** Choices about bets that are about the same. */
export interface ChoiceBin {
  /** Natural logarithm of the indifference lambda. */
  x: number;
  /** What a wrong margin is measured against; null where the error is in the worth of a second. */
  stake: number | null;
  accepted: number;
  rejected: number;
}

export interface ChoiceModel {
  /** Logarithm of lambda. */
  theta: number;
  logSharpness: number;
  lapse: number;
}

const LEAST_LOG_SHARPNESS = -2;
const MOST_LOG_SHARPNESS = 9;
const MOST_LAPSE = 0.45;
const COARSE_BINS = 200;
const COARSE_THETAS = 31;
const COARSE_LOG_SHARPNESS = [-1, 0, 1, 2, 3, 5];
const COARSE_LAPSES = [0, 0.03, 0.1, 0.2];
const SMALLEST_STEP = 1e-4;
/** Less is no reason to go on: along a ridge that would take for ever. */
const LEAST_GAIN = 1e-4;
const MOST_ROUNDS = 250;
/** The nuisance parameters of the profile need not be exact. */
const SMALLEST_PROFILE_STEP = 1e-2;

// Called millions of times; a look-up of the global each time would be most of the work in some hosts.
const { exp, log, max } = Math;

export function logLikelihood(bins: readonly ChoiceBin[], { theta, logSharpness, lapse }: ChoiceModel): number {
  const sharpness = exp(logSharpness);
  let sum = 0;
  for (const { x, stake, accepted, rejected } of bins) {
    const z = sharpness * (stake === null ? theta - x : stake * (exp(theta - x) - 1));
    if (accepted > 0) sum += accepted * log(max(lapse + (1 - 2 * lapse) / (1 + exp(-z)), Number.MIN_VALUE));
    if (rejected > 0) sum += rejected * log(max(lapse + (1 - 2 * lapse) / (1 + exp(z)), Number.MIN_VALUE));
  }
  return sum;
}

/** The model that makes the choices likeliest: a coarse grid, because the likelihood may have several hills, then uphill from its best. */
export function fitChoices(bins: readonly ChoiceBin[], withLapse: boolean): ChoiceModel {
  const coarse = mergeBins(bins, COARSE_BINS);
  let best: ChoiceModel = { theta: coarse[0]?.x ?? 0, logSharpness: 1, lapse: 0 };
  let highest = -Infinity;
  for (let step = 0; step < COARSE_THETAS; step += 1) {
    const theta = coarse[Math.round((step / (COARSE_THETAS - 1)) * (coarse.length - 1))]?.x ?? best.theta;
    for (const logSharpness of COARSE_LOG_SHARPNESS) {
      for (const lapse of withLapse ? COARSE_LAPSES : [0]) {
        const model = { theta, logSharpness, lapse };
        const height = logLikelihood(coarse, model);
        if (height > highest) [best, highest] = [model, height];
      }
    }
  }
  return climb(bins, best, { theta: 0.2, logSharpness: 0.5, lapse: withLapse ? 0.05 : 0 }, SMALLEST_STEP);
}

/** The likeliest model among those with this lambda, for the profile that the interval is read from. */
export function fitWithTheta(bins: readonly ChoiceBin[], start: ChoiceModel, theta: number): number {
  const lapseStep = start.lapse > 0 ? 0.05 : 0;
  const steps = { theta: 0, logSharpness: 0.5, lapse: lapseStep };
  return logLikelihood(bins, climb(bins, { ...start, theta }, steps, SMALLEST_PROFILE_STEP));
}

/** Goes along one coordinate after the other as long as it gets higher, then with half the step. */
function climb(bins: readonly ChoiceBin[], start: ChoiceModel, steps: ChoiceModel, smallest: number): ChoiceModel {
  let model = start;
  let height = logLikelihood(bins, model);
  let scale = 1;
  for (let round = 0; round < MOST_ROUNDS && scale > smallest; round += 1) {
    let moved = false;
    for (const field of ['theta', 'logSharpness', 'lapse'] as const) {
      for (const direction of [1, -1]) {
        const step = steps[field] * scale * direction;
        if (step === 0) continue;
        const next = withinBounds({ ...model, [field]: model[field] + step });
        const nextHeight = logLikelihood(bins, next);
        if (nextHeight > height + LEAST_GAIN) {
          [model, height, moved] = [next, nextHeight, true];
          break;
        }
      }
    }
    if (!moved) scale /= 2;
  }
  return model;
}

function withinBounds({ theta, logSharpness, lapse }: ChoiceModel): ChoiceModel {
  return {
    theta,
    logSharpness: Math.min(MOST_LOG_SHARPNESS, Math.max(LEAST_LOG_SHARPNESS, logSharpness)),
    lapse: Math.min(MOST_LAPSE, Math.max(0, lapse)),
  };
}

/** At most about `most` bins of equal width over the sorted `bins`; x is the mean of what is in one. */
export function mergeBins(bins: readonly ChoiceBin[], most: number): ChoiceBin[] {
  if (bins.length <= most) return [...bins];
  const first = bins[0]?.x ?? 0;
  const width = ((bins.at(-1)?.x ?? first) - first) / most;
  const merged = new Map<number, ChoiceBin>();
  for (const each of bins) {
    const index = width === 0 ? 0 : Math.min(most - 1, Math.floor((each.x - first) / width));
    const bin = merged.get(index) ?? { ...each, accepted: 0, rejected: 0 };
    const before = bin.accepted + bin.rejected;
    const share = (each.accepted + each.rejected) / (before + each.accepted + each.rejected);
    bin.x += (each.x - bin.x) * share;
    if (bin.stake !== null && each.stake !== null) bin.stake += (each.stake - bin.stake) * share;
    bin.accepted += each.accepted;
    bin.rejected += each.rejected;
    merged.set(index, bin);
  }
  return [...merged.values()];
}
