import { expectile } from '../estimate/expectile';
import { runLengths } from '../estimate/run-length';
import { policyFamily } from './policy-family';

/** No prediction goes farther. */
const MOST_STEPS = 32;

/**
 * Dynamic Speculative Planning (DSP), arXiv:2509.01920 (ICLR 2026).
 *
 * As published: the agents of Interactive Speculative Planning, and k = max(1, round(k_hat) + beta) predicted anew where a block begins. k_hat
 * is the number of steps that the approximation agent gets right next, as a DistilBERT regressor on the text of the state gives it; it is
 * trained online on lambda-returns (0.95) with an expectile loss, tau below 0.5 cautious, above it eager. As in ISP a block of k steps has
 * k - 1 launches upon each other.
 *
 * Differs here:
 * - No regressor on text. What is learned online is the success rate p of the approximation agent on this edge, tenant and context: the
 *   posterior behind each forecast, as geometric mean along the chain in question. Given p, the steps that are right in a row are taken as
 *   geometric, P(N >= n) = p^n, and k_hat is the expectile at tau of that distribution. So it sees context where forecasts are counted by
 *   context, and not in the text of the state; and it never predicts longer runs for later steps.
 * - Lambda-returns stand in for outcomes that are still to come; here each outcome updates the posterior when it is known.
 * - The prediction is free; the published one takes 0.2 to 4.6 seconds a step by its own logs.
 * - k is weighed at every launch and not once a block.
 * - Equality is of canonical JSON (strings in the released code).
 */
export const dsp = policyFamily({
  name: 'dsp',
  summary: 'as isp, with k predicted online: as many steps as the draft is expected to get right',
  source: 'arXiv:2509.01920',
  parameters: {
    tau: { default: 0.5, least: 0.01, most: 0.99, meaning: 'expectile: below 0.5 cautious, above it eager' },
    beta: { default: 0, least: -8, most: 8, whole: true, meaning: 'steps that are added to the prediction' },
    k: { default: 0, least: 0, most: 32, whole: true, meaning: 'a fixed k instead of a prediction; 0 predicts' },
  },
  policy: ({ tau, beta, k }) => ({
    drafts: 'always',
    wants: ({ rank, depth, P }) => rank === 0 && depth < (k > 0 ? k : predictedSteps(P ** (1 / depth), tau, beta)),
  }),
});

/** max(1, round(k_hat) + beta). */
function predictedSteps(successRate: number, tau: number, beta: number): number {
  return Math.max(1, Math.round(expectile(runLengths(successRate, MOST_STEPS), tau)) + beta);
}
