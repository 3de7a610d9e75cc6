import { policyFamily } from './policy-family';

/**
 * Baseline: no guess, but each call of an operation that could be forecast runs in several copies side by side; the first answer counts and
 * the others are cancelled. So does AgentsKit's `speculate` (github.com/AgentsKit-io/agentskit), with several models on one request.
 *
 * Differs here: the copies are of the very same call; there is no choice among answers but the first; what the losers have cost until
 * they were cancelled is booked as waste. Copies are made only of what may be launched early.
 */
export const hedge = policyFamily({
  name: 'hedge',
  summary: 'races copies of each call, the first answer counts',
  source: 'baseline, as github.com/AgentsKit-io/agentskit',
  parameters: { n: { default: 2, least: 2, most: 8, whole: true, meaning: 'copies of each call, itself included' } },
  policy: ({ n }) => ({ drafts: 'never', copies: n, wants: () => false }),
});
