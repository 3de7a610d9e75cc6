import type { PolicyComparison, PolicyRow, TimelineBar } from '../../bench/measure/policy-comparison';

const UNITS = 400;

function row(policy: string, saved: number, usd: number, wasteUsd: number, knew: string): PolicyRow {
  const meanSeconds = 41.3 * (1 - saved);
  const made = Math.max(0, Math.round((usd - 0.0412) * 20_000));
  return {
    policy,
    label: policy,
    saved: { value: saved, low: saved - 0.021, high: saved + 0.019 },
    meanSeconds,
    p95Seconds: meanSeconds * 1.62,
    usd,
    wasteUsd,
    extraTokens: { value: usd / 0.0412 - 1, low: usd / 0.0412 - 1.05, high: usd / 0.0412 - 0.96 },
    hits: { numerator: Math.round(made * 0.41), denominator: made },
    claimed: { numerator: Math.round(made * 0.33), denominator: made },
    knew,
  };
}

const ROWS = [
  row('sequential', 0, 0.0412, 0, 'nothing; no predictor'),
  row('always', 0.201, 0.2384, 0.1921, 'one draft for each step, charged'),
  row('speculative-actions:k=1', 0.118, 0.0762, 0.0311, 'a draft with one guess for each step, charged'),
  row('speculative-actions:k=2', 0.15, 0.0971, 0.0502, 'a draft with two guesses for each step, charged'),
  row('speculative-actions:k=3', 0.195, 0.119, 0.0681, 'a draft with three guesses for each step, charged'),
  row('speculative-actions:confidence=0.5', 0.118, 0.0762, 0.0301, 'stated confidence of each guess, charged'),
  row('isp:depth=2', 0.092, 0.082, 0.0401, 'a chain of drafts, charged'),
  row('dsp:tau=0.8,beta=1', 0.097, 0.0831, 0.0377, 'accuracy of the draft so far, charged'),
  row('count-threshold', 0.051, 0.0601, 0.0155, 'how often a guess came true'),
  row('hedge', -0.013, 0.0824, 0.0412, 'nothing; two copies of each call'),
  row('cost-aware', 0.181, 0.0883, 0.0274, 'calibrated probabilities, prices and latencies of other games, charged'),
  row('oracle', 0.492, 0.0412, 0, 'every answer beforehand; a bound, not a policy'),
];

function bar(step: number, label: string, start: number, end: number, kind: TimelineBar['kind']): TimelineBar {
  return { lane: `step ${step}`, label, startSeconds: start, endSeconds: end, kind };
}

/** Twelve policies on one benchmark, with every part that a comparison can have. */
export const RICH: PolicyComparison = {
  benchmark: 'chess',
  title: 'Chess, 30 steps',
  setting: `${UNITS} made-up games; latencies drawn; the draft is charged to every policy`,
  measuredOn: 'simulator',
  rows: ROWS,
  frontier: {
    points: ROWS.map(({ label, meanSeconds, usd }) => ({ label, seconds: meanSeconds, usd: Number(usd) })),
    dial: Array.from({ length: 9 }, (_, index) => ({
      label: `alpha ${index / 8}`,
      seconds: 41.3 * (1 - 0.21 * Math.sqrt(index / 8)),
      usd: 0.0412 + 0.09 * (index / 8) ** 1.7,
    })),
  },
  reliability: [
    {
      label: 'forecasts of the draft',
      bins: Array.from({ length: 10 }, (_, index) => {
        const denominator = [620, 402, 260, 181, 120, 96, 88, 61, 40, 3][index] ?? 1;
        return {
          predicted: 0.05 + index / 10,
          observed: { numerator: Math.round(denominator * Math.min(1, 0.03 + index / 11)), denominator },
        };
      }),
    },
    { label: 'mined forecasts', bins: [{ predicted: 0.4, observed: { numerator: 0, denominator: 0 } }] },
  ],
  timelines: [
    {
      policy: 'sequential',
      bars: [1, 2, 3, 4, 5].map((step) => bar(step, 'move', 8 * (step - 1), 8 * step, 'plain')),
    },
    {
      policy: 'speculative-actions:k=2',
      bars: [
        bar(1, 'move', 0, 8, 'plain'),
        bar(1, 'draft of 2', 0, 2.5, 'draft'),
        bar(2, 'move on e4', 2.5, 10.5, 'claimed'),
        bar(2, 'move on d4', 2.5, 8, 'wasted'),
        bar(3, 'draft of 2', 8, 10.5, 'draft'),
        bar(3, 'move on Nf3', 10.5, 10.6, 'wasted'),
        bar(3, 'move', 10.5, 18.5, 'plain'),
        bar(4, 'move', 18.5, 26.5, 'plain'),
        bar(5, 'move on O-O', 21, 29, 'claimed'),
      ],
    },
    { policy: 'cost-aware', bars: [bar(1, 'move', 0, 8, 'plain'), bar(2, 'move on e4', 2.5, 9, 'claimed')] },
    { policy: 'oracle', bars: [] },
  ],
  tables: [
    {
      title: 'Closed form and simulator',
      columns: ['quantity', 'closed form', 'simulator', 'difference'],
      rows: [['time saved, k = 1', '11.80 %', '11.79 %', '0.1 %']],
    },
  ],
  notes: ['The games are made up.', 'No policy is tuned on the games that it is measured on.'],
};

/** As little as a comparison can be. */
export const EMPTY: PolicyComparison = {
  benchmark: 'closed-forms',
  title: 'Closed forms',
  setting: '',
  measuredOn: 'simulator',
  rows: [],
  frontier: { points: [], dial: [] },
  reliability: [],
  timelines: [],
  tables: [],
  notes: [],
};

/** One policy, at one place. */
export const ONE_POINT: PolicyComparison = {
  benchmark: 'no-go',
  title: 'Nothing to gain',
  setting: '50 pipelines on a real server',
  measuredOn: 'real server',
  rows: [{ ...row('cost-aware', 0, 0, 0, 'everything'), hits: { numerator: 0, denominator: 0 } }],
  frontier: { points: [{ label: 'cost-aware', seconds: 0, usd: 0 }], dial: [{ label: 'alpha 0', seconds: 0, usd: 0 }] },
  reliability: [{ label: 'one', bins: [{ predicted: 1, observed: { numerator: 1, denominator: 1 } }] }],
  timelines: [
    { policy: 'cost-aware', bars: [{ lane: 'a', label: 'b', startSeconds: 0, endSeconds: 0, kind: 'draft' }] },
  ],
  notes: [],
};
