import { policyFamily } from './policy-family';

/**
 * Baseline, as ggcode (github.com/topcheer/ggcode, MIT) prefetches read-only tools: what was seen often enough in this context is launched.
 *
 * As there: a minimal count between 1 and 5, and a hit rate (eager from 40 %, cautious below 15 %), no costs, no value of latency.
 *
 * Differs here: both bounds are fixed parameters, where ggcode moves the count with the hit rate of its prefetches; and the contexts are
 * those that the forecaster counts in, where ggcode has bigrams of tool names. What is not counted is never launched, so no draft is asked for.
 */
export const countThreshold = policyFamily({
  name: 'count-threshold',
  summary: 'launches what was seen n times in this context',
  source: 'baseline, as github.com/topcheer/ggcode',
  parameters: {
    n: { default: 2, least: 1, most: 1_000_000, whole: true, meaning: 'least number of times that it was right' },
    rate: { default: 0.4, least: 0, most: 1, meaning: 'least share of the times that the context was seen' },
  },
  policy: ({ n, rate }) => ({
    drafts: 'never',
    wants: ({ counts }) => counts !== null && counts.hits >= n && counts.hits >= rate * counts.total,
    priority: ({ counts }) => counts?.hits ?? 0,
  }),
});
