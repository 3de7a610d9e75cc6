import type { LaunchQuantities } from './launch-policy';
import { policyFamily } from './policy-family';
import { isMined, isWithinSlack, THROTTLE } from './slack';

/**
 * PASTE, arXiv:2603.18897v1, "Act While Thinking" (SJTU, Microsoft Research).
 *
 * As published in v1: patterns (context, tool, argument function, probability) are mined from earlier runs; of the calls that they predict
 * those are run while the model still generates that solve the knapsack max sum x p T subject to sum x c <= min(slack, budget). Speculative
 * jobs have a lower priority than authoritative ones and use idle capacity only. Results stay isolated until the model asks for exactly that
 * call. v3 has another rule, priority = exposed gain / pressure of the engine + aging, with the load of a GPU engine in it; that is not
 * what this is. Both are known from notes; headline numbers differ between the versions, and a public reproduction disputes the hit rates.
 *
 * Differs here:
 * - The knapsack is filled greedily by p T / c. T is the time that the launch is expected to save, c how long it would occupy its place:
 *   PASTE counts resources and no dollars. Places for launches are the resource, `throttle` of them stay free.
 * - p is the probability that the launch is used, learned online from the counts of the pattern. `confidence` and `support` are asked of
 *   the counts themselves; how the paper sets such bounds is not known, so they are off unless given.
 * - Isolation and the promotion of exact claims are what the runtime does for every policy.
 * - Launches are not preempted for one another; plain calls never wait for places of launches.
 */
export const paste = policyFamily({
  name: 'paste',
  summary: 'launches what patterns of earlier runs predict, in places that are free',
  source: 'arXiv:2603.18897v1',
  parameters: {
    throttle: THROTTLE,
    confidence: {
      default: 0,
      least: 0,
      most: 1,
      meaning: 'least share of the times that the context was seen in which the call followed',
    },
    support: {
      default: 0,
      least: 0,
      most: 1_000_000,
      whole: true,
      meaning: 'least number of times that the context was seen',
    },
  },
  policy: ({ throttle, confidence, support }) => ({
    drafts: 'never',
    wants: (quantities) =>
      isMined(quantities) &&
      isWithinSlack(quantities, throttle) &&
      isKnown(quantities, confidence, support) &&
      utility(quantities) > 0,
    priority: utility,
  }),
});

function isKnown({ counts, forecastProbability }: LaunchQuantities, confidence: number, support: number): boolean {
  if (counts === null) return support === 0 && forecastProbability >= confidence;
  return counts.total >= support && counts.hits >= confidence * counts.total;
}

/** p T / c. */
function utility({ P, latencySavedSeconds, surroundings: { downstreamSeconds } }: LaunchQuantities): number {
  return (P * latencySavedSeconds) / (downstreamSeconds > 0 ? downstreamSeconds : 1);
}
