import { policyFamily } from './policy-family';

/**
 * Baseline, as casys-pml (github.com/Casys-AI/casys-pml, AGPL-3.0; only its documentation was read): what is likely enough is launched, at
 * any price and for any gain. Its confidence is that of a tool graph, 0.70 by default and adapted between 0.40 and 0.90.
 *
 * Differs here: the confidence is the learned probability that the launch is used; it is not adapted; and its caps on cost, duration and
 * kind of action are those of the policy file. A rule without prices cannot tell which drafts are worth theirs, so each is asked for.
 */
export const fixedConfidence = policyFamily({
  name: 'fixed-confidence',
  summary: 'launches whatever is likely enough',
  source: 'baseline, as github.com/Casys-AI/casys-pml',
  parameters: {
    confidence: { default: 0.7, least: 0, most: 1, meaning: 'least probability that the launch is used' },
  },
  policy: ({ confidence }) => ({
    drafts: 'always',
    wants: ({ P }) => P >= confidence,
    priority: ({ P }) => P,
  }),
});
