import { policyFamily } from './policy-family';

/**
 * Interactive Speculative Planning (ISP), arXiv:2410.00079 (ICLR 2025).
 *
 * As published: a cheap approximation agent drafts a block of up to k steps, one guess for each; the target agent recomputes every step in
 * parallel on the draft's prefix; the plan is accepted while they agree, and everything after the first difference is cancelled. k is fixed
 * (4 in the main runs). The user may correct a step that is shown: the signal `runaheadCorrectForecast`.
 *
 * The first target step of a block rests on nothing, so a block of k steps has k - 1 launches upon each other, and k = 1 is the plain run
 * (the best case of bench/validation: (k - 1) b + a for a block).
 *
 * Differs here:
 * - The runtime finishes a block before the next is begun, as published: `depth` counts claimed launches until a call was not launched. The
 *   simulator does so with `depth: 'block'`; with `open` the window slides.
 * - Agreement is equality of canonical JSON always; the paper's TravelPlanner runs compare fuzzily and are not lossless there.
 * - The guess may come from any declared source; the first of each source is followed.
 */
export const isp = policyFamily({
  name: 'isp',
  summary: 'drafts blocks of k steps and checks them side by side, whatever it costs',
  source: 'arXiv:2410.00079',
  parameters: {
    k: { default: 4, least: 1, most: 32, whole: true, meaning: 'steps of a block: k - 1 launches upon each other' },
  },
  policy: ({ k }) => ({ drafts: 'always', wants: ({ rank, depth }) => rank === 0 && depth < k }),
});
