import { policyFamily } from './policy-family';

/**
 * Baseline: launches what is going to be right and nothing else, which is known only where recorded runs are replayed or simulated. Elsewhere
 * it launches nothing. It is the bound for what forecasts of this quality can save; drafts are asked for and paid like everybody's.
 */
export const oracle = policyFamily({
  name: 'oracle',
  summary: 'launches what is going to be right; for recorded and simulated runs only',
  source: 'baseline',
  parameters: {},
  policy: () => ({ drafts: 'always', wants: ({ right }) => right === true }),
});
