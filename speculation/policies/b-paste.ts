import type { LaunchQuantities } from './launch-policy';
import { policyFamily } from './policy-family';
import { isMined, isWithinSlack, THROTTLE } from './slack';

/**
 * B-PASTE, arXiv:2604.16469: PASTE for a bounded beam of future branches instead of single calls.
 *
 * As published: branch hypotheses are ranked by the expected reduction of the critical path and not by probability: branch probability times
 * (overlap gain + downstream unlock value - mu * interference); prefixes of the best are admitted on transient slack only. Only abstract and
 * notes were readable, the exact formula was not, and the paper has no evaluation beyond "preliminary internal testing".
 *
 * So the shape of the score and the names of its terms are the paper's; what the terms are is ours:
 * - overlap gain: the time that the launch is expected to save;
 * - unlock value: the time that its usual followers would save in their turn, weighted by how likely they follow;
 * - interference: how long the launch would occupy its place, times the share of the places that are taken already;
 * - branch probability: that the launch is used, so that of everything that it builds on;
 * - the beam: the first `beam` forecasts of an output, `depth` launches deep. A branch is launched from its root on, one launch at a time.
 */
export const bPaste = policyFamily({
  name: 'b-paste',
  summary: 'launches the branches that shorten the critical path most, in places that are free',
  source: 'arXiv:2604.16469',
  parameters: {
    beam: { default: 4, least: 1, most: 32, whole: true, meaning: 'width of the beam: forecasts of each output' },
    depth: { default: 3, least: 1, most: 32, whole: true, meaning: 'most launches upon each other' },
    mu: { default: 1, least: 0, most: 1_000, meaning: 'weight of interference' },
    throttle: THROTTLE,
  },
  policy: ({ beam, depth, mu, throttle }) => {
    const score = (quantities: LaunchQuantities): number => {
      const { P, latencySavedSeconds, surroundings } = quantities;
      return P * (latencySavedSeconds + surroundings.unlockSeconds - mu * interferenceSeconds(quantities));
    };
    return {
      drafts: 'never',
      wants: (quantities) =>
        isMined(quantities) &&
        quantities.rank < beam &&
        quantities.depth <= depth &&
        isWithinSlack(quantities, throttle) &&
        score(quantities) > 0,
      priority: score,
    };
  },
});

function interferenceSeconds({ openLaunches, maxOpenLaunches, surroundings }: LaunchQuantities): number {
  return openLaunches === 0 ? 0 : surroundings.downstreamSeconds * (openLaunches / maxOpenLaunches);
}
