import type { Outcomes } from './beta-posterior';

/*
 * Page's CUSUM (1954) on the Bernoulli log-likelihood ratio between the success rate learned so far and a drop to a share of it, with a
 * second test that takes the learned rate for the estimate that it is. PROPOSED: detector, drop and threshold are Runahead's own; the paper
 * names a drift-triggered kill-switch and no more.
 */

export interface DriftSettings {
  /** What a drop is: the share of its learned success rate that a forecast comes down to. Smaller drops trip later, or not at all. */
  drop: number;
  /** Evidence that trips, natural logarithm of a likelihood ratio. Higher trips later and less often falsely. */
  threshold: number;
  /** Observations that the success rate is learned from before anything can trip. */
  leastObservations: number;
}

/** What is needed of the past of one forecast. */
export interface DriftDetector {
  /** Where the success rate is learned from; worth at most 2,000 observations, of which older ones count less. */
  reference: Outcomes;
  /** Natural logarithm of the likelihood ratio, drop against no drop, since the likeliest time of a drop; 0 when there is none. */
  evidence: number;
  /** What was seen since the likeliest time of a drop; not part of the reference. */
  since: Outcomes;
}

const MOST_REFERENCE = 2_000;
/** Share of the threshold that the comparison must reach: enough against an early estimate that was off, and it delays little. */
const COMPARISON = 0.7;

export function newDriftDetector(): DriftDetector {
  return { reference: none(), evidence: 0, since: none() };
}

/**
 * Takes in one outcome, in place. Returns whether the success rate has dropped; then the detector is of no use any more.
 *
 * Until `leastObservations` it only learns. After that, what is seen while nothing speaks for a drop is learned too, so a rate that
 * changes slowly is followed. What speaks for a drop is set aside and trips once the evidence reaches the threshold, and the comparison with
 * a reference that is itself an estimate most of it; an early estimate that was off is corrected, not taken for a drop.
 */
export function detectDrift(detector: DriftDetector, success: boolean, settings: DriftSettings): boolean {
  const { reference, since } = detector;
  if (size(reference) < settings.leastObservations) {
    add(reference, success);
    return false;
  }
  const before = (reference.successes + 0.5) / (size(reference) + 1);
  const after = before * settings.drop;
  const ratio = success ? Math.log(settings.drop) : Math.log((1 - after) / (1 - before));
  detector.evidence = Math.max(0, detector.evidence + ratio);
  add(since, success);
  if (detector.evidence >= settings.threshold && comparison(reference, since) >= COMPARISON * settings.threshold)
    return true;
  if (detector.evidence === 0 || size(since) >= size(reference)) learnSince(detector);
  return false;
}

/** ln of the likelihood ratio: two rates, one before and one since, against one rate for all; 0 when the later rate is no lower. */
function comparison(reference: Outcomes, since: Outcomes): number {
  if (since.successes * size(reference) >= reference.successes * size(since)) return 0;
  const all = { successes: reference.successes + since.successes, failures: reference.failures + since.failures };
  return bestLogLikelihood(reference) + bestLogLikelihood(since) - bestLogLikelihood(all);
}

/** ln of the probability of the outcomes at the rate that makes them most likely. */
function bestLogLikelihood(outcomes: Outcomes): number {
  const { successes, failures } = outcomes;
  return timesLog(successes, successes / size(outcomes)) + timesLog(failures, failures / size(outcomes));
}

function timesLog(count: number, share: number): number {
  return count === 0 ? 0 : count * Math.log(share);
}

function learnSince(detector: DriftDetector): void {
  const { reference, since } = detector;
  reference.successes += since.successes;
  reference.failures += since.failures;
  const kept = Math.min(1, MOST_REFERENCE / size(reference));
  reference.successes *= kept;
  reference.failures *= kept;
  detector.since = none();
  detector.evidence = 0;
}

function add(outcomes: Outcomes, success: boolean): void {
  if (success) outcomes.successes += 1;
  else outcomes.failures += 1;
}

function size({ successes, failures }: Outcomes): number {
  return successes + failures;
}

function none(): Outcomes {
  return { successes: 0, failures: 0 };
}
