/** Where a policy's forecasts of the agent's next step come from. */
export type Forecasts = 'mined' | 'drafts' | 'mined and drafts' | 'recording' | 'stream';

/** One row of the benchmark: a policy on the plugin, with what it may know. */
export interface Contestant {
  /** For people. */
  label: string;
  /** As `launchPolicy` takes it; `plain` for a worker without the plugin. */
  policy: string;
  forecasts: Forecasts;
  /** The dial. @default 0.5 */
  alpha?: number;
  knew: string;
}

const MINED = 'patterns mined from the conversations of all other tasks; free';
const DRAFTS = 'three guesses of a draft model, right as often as published; each draft is paid and waited for';
const BOTH = `${MINED}; or a draft where its answer is expected to be worth its price, which is paid`;

export const PLAIN: Contestant = { label: 'plain', policy: 'plain', forecasts: 'mined', knew: 'nothing: no plugin' };

/** Everybody, those with the same forecasts side by side. */
export const CONTESTANTS: readonly Contestant[] = [
  { label: 'sequential', policy: 'sequential', forecasts: 'mined', knew: `${MINED}; launches nothing` },
  {
    label: 'parallel-only',
    policy: 'parallel-only',
    forecasts: 'stream',
    knew: 'what was final of an answer that still streamed',
  },
  { label: 'hedge', policy: 'hedge:n=2', forecasts: 'mined', knew: 'nothing; two copies of each agent step are paid' },
  { label: 'always', policy: 'always', forecasts: 'mined', knew: MINED },
  { label: 'count-threshold', policy: 'count-threshold', forecasts: 'mined', knew: MINED },
  { label: 'fixed-confidence', policy: 'fixed-confidence', forecasts: 'mined', knew: MINED },
  { label: 'paste', policy: 'paste', forecasts: 'mined', knew: MINED },
  { label: 'b-paste', policy: 'b-paste', forecasts: 'mined', knew: MINED },
  ...[1, 2, 3].map((k) => ({
    label: `speculative-actions k=${k}`,
    policy: `speculative-actions:k=${k}`,
    forecasts: 'drafts' as const,
    knew: DRAFTS,
  })),
  { label: 'isp', policy: 'isp:k=4', forecasts: 'drafts', knew: DRAFTS },
  { label: 'dsp', policy: 'dsp', forecasts: 'drafts', knew: DRAFTS },
  {
    label: 'speculative-actions k=3, mined',
    policy: 'speculative-actions:k=3',
    forecasts: 'mined',
    knew: `${MINED}, in place of its own speculator`,
  },
  ...[0, 0.5, 1].map((alpha) => ({
    label: `cost-aware alpha=${alpha}`,
    policy: 'cost-aware',
    forecasts: 'mined and drafts' as const,
    alpha,
    knew: BOTH,
  })),
  {
    label: 'oracle',
    policy: 'always',
    forecasts: 'recording',
    knew: 'the recording: every next step and every result, as far as the same limits allow',
  },
];

/** What `--quick` compares. */
export const QUICK_CONTESTANTS: readonly Contestant[] = CONTESTANTS.filter(({ label }) =>
  ['sequential', 'always', 'cost-aware alpha=0.5'].includes(label),
);
