import { shouldSpeculate } from '../../../speculation/decision/expected-value';
import { always } from '../../../speculation/policies/always';
import { ORACLE } from '../../simulator/beliefs';
import type { SimulationOptions } from '../../simulator/options';
import { READS_ONLY } from '../../simulator/pipeline';
import type { RunDraw } from '../../simulator/run-draw';
import { simulate } from '../../simulator/simulate';
import { experiment } from '../experiment';

type Reading = NonNullable<SimulationOptions['reconsider']>;
interface Readings {
  full: Reading;
  remaining: Reading;
}

const UPSTREAM_SECONDS = 10;
const DOWNSTREAM_SECONDS = 8;
const INPUT_USD = 0.004;
const OUTPUT_USD = 0.012;
const LAMBDA = 0.006;
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.95];
const PROBABILITIES = Array.from({ length: 24 }, (_, index) => (index + 0.5) / 24);
const ALPHAS = [0, 0.5, 1];

/**
 * Method 6, PROPOSED: when the stream has made a guess less likely, is its launch cancelled? Under both readings of the cancel test the
 * simulator does what the rule says about the quantities that the reading names. What is paid is paid only under `remaining-cost`.
 */
export const midStreamCancel = experiment<Readings>({
  name: 'mid-stream-cancel',
  title: 'a launch whose guess became unlikely is cancelled as each reading of the cancel test says',
  origin: 'ours',
  tolerance: 0,
  subject: { full: 'full-cost', remaining: 'remaining-cost' },
  planted: {
    'the readings are mixed up': { full: 'remaining-cost', remaining: 'full-cost' },
    'only what is refuted is cancelled': { full: 'refuted', remaining: 'refuted' },
  },
  prepare:
    ({ seed }) =>
    (readings) => {
      let cases = 0;
      let mismatches = 0;
      const kept = { full: 0, remaining: 0 };
      const expectedKept = { full: 0, remaining: 0 };
      const least: Record<keyof Readings, [number, number][]> = { full: [], remaining: [] };
      for (const alpha of ALPHAS) {
        for (const share of SHARES) {
          for (const which of ['full', 'remaining'] as const) {
            let leastKept = 1;
            for (const P of [...PROBABILITIES].reverse()) {
              const keeps = isKept(P, share, alpha, readings[which], seed);
              const expected = which === 'full' ? keepsFull(P, share, alpha) : keepsRemaining(P, share, alpha);
              cases += 1;
              if (keeps) kept[which] += 1;
              if (expected) expectedKept[which] += 1;
              if (keeps) leastKept = P;
              if (keeps !== expected) mismatches += 1;
              // Sunk cost can only speak against going on, never for it.
              if (which === 'full' && expected && !keepsRemaining(P, share, alpha)) mismatches += 1;
            }
            if (alpha === 0.5) least[which].push([share, leastKept]);
          }
        }
      }
      return {
        cases,
        mismatches,
        worstError: mismatches,
        expected: `${expectedKept.full} kept at full, ${expectedKept.remaining} at remaining cost`,
        observed: `${kept.full} and ${kept.remaining}`,
        plot: {
          x: 'share of the output at the re-estimate',
          y: 'least P at which the launch goes on (alpha 0.5)',
          series: [
            { name: 'full cost', mark: 'line', points: least.full },
            { name: 'remaining cost', mark: 'line', points: least.remaining },
          ],
        },
      };
    },
});

/** At the re-estimate both operations have run for the same time. */
function elapsedAt(share: number): number {
  return share * DOWNSTREAM_SECONDS;
}

function keepsFull(P: number, share: number, alpha: number): boolean {
  const saved = Math.min(UPSTREAM_SECONDS - elapsedAt(share), DOWNSTREAM_SECONDS);
  return shouldSpeculate(P, LAMBDA * saved, INPUT_USD + OUTPUT_USD, alpha);
}

function keepsRemaining(P: number, share: number, alpha: number): boolean {
  const elapsed = elapsedAt(share);
  const overlap = Math.min(UPSTREAM_SECONDS - elapsed, DOWNSTREAM_SECONDS - elapsed);
  return shouldSpeculate(P, LAMBDA * (elapsed + overlap), (1 - share) * OUTPUT_USD, alpha);
}

function isKept(P: number, share: number, alpha: number, reconsider: Reading, seed: number): boolean {
  const run: RunDraw = {
    operations: [
      {
        name: 'u',
        after: [],
        call: { latencySeconds: UPSTREAM_SECONDS, inputUsd: 0, outputUsd: 0 },
        drafts: [
          {
            source: 'draft',
            latencySeconds: 0,
            inputUsd: 0,
            outputUsd: 0,
            candidates: [
              {
                rank: 0,
                right: true,
                trueProbability: 1,
                reestimates: [{ atShare: elapsedAt(share) / UPSTREAM_SECONDS, probability: P }],
              },
            ],
          },
        ],
        candidates: 'exclusive',
        declared: READS_ONLY,
        expected: { latencySeconds: [UPSTREAM_SECONDS], cost: { kind: 'fixed', usd: 0 } },
      },
      {
        name: 'v',
        after: [0],
        call: { latencySeconds: DOWNSTREAM_SECONDS, inputUsd: INPUT_USD, outputUsd: OUTPUT_USD },
        drafts: [],
        candidates: 'exclusive',
        declared: READS_ONLY,
        expected: { latencySeconds: [DOWNSTREAM_SECONDS], cost: { kind: 'fixed', usd: INPUT_USD + OUTPUT_USD } },
      },
    ],
  };
  const { total } = simulate(
    { name: 'reconsidered', draw: () => run },
    {
      seed,
      runs: 1,
      policy: always,
      beliefs: ORACLE,
      reconsider,
      knob: { alpha, lambdaUsdPerSecond: LAMBDA },
    },
  );
  return total.claimed === 1;
}
