import { stationaryHitValueUsd } from '../decision/stationary-hit-value';
import { InvalidPolicyParameterError } from './invalid-policy-parameter-error';
import type { LaunchQuantities } from './launch-policy';
import { policyFamily } from './policy-family';

/**
 * Speculative Actions, arXiv:2510.04371v2 (ICLR 2026), Algorithm 1 and its selective and depth-first forms.
 *
 * As published: a fast speculator gives k guesses of what the slow actor will answer, and the next call is launched for each of them. A hit
 * is strict equality of call and parameters. Selective: only guesses above a confidence (50 of 100 in the released analysis). Optimal
 * breadth: one more guess, the likeliest first, while Delta * p * prod over those before it of (1 - p_j) >= c. Depth-first: guesses upon
 * guesses, at most floor(a/b) levels in flight. Lossy: the last writer wins.
 *
 * What is printed but does not hold, see bench/validation: Proposition 1 (time with random latencies) promises twice the saving, because a
 * hit still waits for the actor's own answer; the extra cost in its upper form is too high where losers are cancelled; the extra cost of depth
 * has a "+ p" that neither launches nor guesses meet; g* is right for equal confidences only.
 *
 * Differs here:
 * - Guesses come from every source that a policy file declares, so `k` counts within a source. Asking the speculator is always paid for and
 *   booked; the paper's time for asking it for confidences is not charged there.
 * - Where a source states no confidence, `confidence` and the order of launches go by the learned probability.
 * - Delta is the fixed point of `stationaryHitValueUsd` for the guesses that are known at this step, as if all steps were alike; l is what the
 *   launch is expected to save, c what it is expected to cost, both in dollars at the knob's lambda. p is the probability that the launch
 *   is used, those before it are the launches that are open.
 * - Algorithm 1 opens no window behind a step that was guessed; at depth 1 neither does the runtime, where `depth` counts claimed launches
 *   until a call was not launched. A simulation may count open ones only, which saves more.
 * - Effects are no matter of assumption: only what is admissible is launched. The lossy form is refused.
 */
export const speculativeActions = policyFamily({
  name: 'speculative-actions',
  summary: 'launches the k best guesses at each output, whatever they cost',
  source: 'arXiv:2510.04371v2',
  parameters: {
    k: { default: 3, least: 1, most: 8, whole: true, meaning: 'breadth: guesses of each source that are launched' },
    confidence: {
      default: 0,
      least: 0,
      most: 1,
      meaning:
        'only guesses whose stated confidence is above it (the learned probability where none is stated); 0 is off',
    },
    optimal: { default: 0, least: 0, most: 1, whole: true, meaning: '1: of the k, only as many as add their price' },
    depth: { default: 1, least: 1, most: 32, whole: true, meaning: 'guesses upon guesses: most levels in flight' },
    lossy: { default: 0, least: 0, most: 1, whole: true, meaning: 'the form in which the last writer wins; refused' },
  },
  policy: ({ k, confidence, optimal, depth, lossy }, name) => {
    if (lossy !== 0) {
      const wayOut =
        'leave it out: in the lossy form the last writer wins, so a pipeline would go on with values that nobody has verified. ' +
        'Runahead only ever gives a pipeline what the plain run would have given it';
      throw new InvalidPolicyParameterError(name, 'lossy', lossy, wayOut);
    }
    return {
      drafts: 'always',
      wants: (quantities) =>
        quantities.rank < k &&
        quantities.depth <= depth &&
        (confidence === 0 || confidenceOf(quantities) > confidence) &&
        (optimal === 0 || addsItsPrice(quantities)),
      priority: optimal === 1 ? ({ P }) => P : confidence > 0 ? confidenceOf : ({ rank }) => -rank,
    };
  },
});

function confidenceOf({ statedConfidence, forecastProbability }: LaunchQuantities): number {
  return statedConfidence ?? forecastProbability;
}

/** Delta * p * prod(1 - p_j) >= c. */
function addsItsPrice({ P, siblings, latencyValueUsd, speculativeCostUsd }: LaunchQuantities): boolean {
  const candidates = [...siblings, P];
  if (!candidates.every((probability) => probability >= 0 && probability <= 1)) return false;
  const deltaUsd = stationaryHitValueUsd([candidates], latencyValueUsd, speculativeCostUsd);
  return siblings.reduce((gainUsd, sibling) => gainUsd * (1 - sibling), deltaUsd * P) >= speculativeCostUsd;
}
