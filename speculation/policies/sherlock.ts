import type { ForecastSource } from '../forecast/forecast';
import { policyFamily } from './policy-family';

/**
 * Sherlock, arXiv:2511.00330 (Microsoft Azure Research, UT Austin): it bets that the verifier accepts a real output.
 *
 * As published: the nodes behind node i start at once while its verifier runs. Window (Eq. 4): all whose cumulative execution time stays
 * strictly below the time of the verifier. Budget (Eq. 5 and 6): (1 - m_i) * sum over the window of C_exec + C_vrf <= B, with m_i the match
 * rate of the verifier. Where the verifier disagrees, back to the last verified output.
 *
 * The equations are known from notes that agree and not from the paper's own text. Which nodes get a verifier is another question and no
 * part of this rule.
 *
 * Differs here:
 * - Only forecasts of the source `verify` are followed: the operation that is forecast is the verifier, its expected duration the window.
 *   Where that is not known yet nothing is launched.
 * - The window takes what can begin within the time of the verifier, as the launches before it are expected to end; as published it has to end
 *   within it. Whether a candidate is itself a verifier, whose time Eq. 4 leaves out, is not known when it is launched, and this way none
 *   is kept out for being slow. Verifiers that were launched and passed over on a forecast do not count for the window.
 * - m_i is the posterior of the edge, learned online, and no offline rate. Money is dollars; the published system counts GPU-hours and tokens.
 * - Eq. 6 is weighed at every launch, for the unclaimed launches that it builds on and itself, verifiers that were launched included;
 *   parallel branches have a budget each (Eq. 8 takes the longest of each level for the window; a chain here is one path).
 */
export const sherlock = policyFamily({
  name: 'sherlock',
  summary: 'goes on behind a verifier while it checks, within its time and a budget of expected waste',
  source: 'arXiv:2511.00330',
  parameters: {
    budget: {
      default: Infinity,
      least: 0,
      most: Infinity,
      meaning: 'B: most expected waste of a chain of launches, US dollars',
    },
  },
  policy: ({ budget }) => ({
    drafts: 'never',
    wants: ({ source, supports, forecastProbability, surroundings }) => {
      const { upstreamSeconds, downstreamSeconds, chainSeconds, chainUsd } = surroundings;
      return (
        source === 'verify' &&
        supports.some((world) => world.every(isVerifiedOrFinal)) &&
        chainSeconds - downstreamSeconds < upstreamSeconds &&
        (1 - forecastProbability) * chainUsd <= budget
      );
    },
    // Topological: what is nearest to the verified output first.
    priority: ({ surroundings }) => -surroundings.chainSeconds,
  }),
});

function isVerifiedOrFinal({ source }: { source: ForecastSource }): boolean {
  return source === 'verify' || source === 'stream';
}
