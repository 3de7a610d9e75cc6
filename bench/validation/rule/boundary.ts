import { costAware } from '../../../speculation/policies/cost-aware';
import type { LaunchPolicy } from '../../../speculation/policies/launch-policy';
import { experiment, type Findings } from '../experiment';
import { decisionAbout } from './decision-about';

/** r = L / C as fractions, so that the expected answer is exact. */
const RATIOS = [
  { numerator: 1, denominator: 2 },
  { numerator: 1, denominator: 1 },
  { numerator: 2, denominator: 1 },
  { numerator: 47, denominator: 10 },
  { numerator: 10, denominator: 1 },
];
const COSTS_USD = [0.0135, 3.1e-7];
const P_STEPS = 200;
const ALPHA_STEPS = 100;
const NEVER = 1;

/**
 * Method 11, "decision boundary". The expected answer is P (1 + r) >= 2 - alpha in whole numbers, without rounding: on the boundary the rule
 * speculates. The grid holds exact ties.
 */
export const boundary = experiment<LaunchPolicy>({
  name: 'boundary',
  title: 'every decision on a grid of P, alpha and r equals P >= (2 - alpha) / (1 + r), ties included',
  origin: 'method',
  tolerance: 0,
  subject: costAware,
  planted: {
    'strict inequality': { name: 'strict', wants: (q) => q.expectedValueUsd > q.thresholdUsd },
    '(1 - alpha) forgotten': { name: 'no-dial', wants: (q) => q.expectedValueUsd >= 0 },
    'a used launch costs extra': {
      name: 'cost-always',
      wants: (q) => q.P * q.latencyValueUsd - q.speculativeCostUsd >= q.thresholdUsd,
    },
  },
  prepare: () => (policy) => {
    let cases = 0;
    let mismatches = 0;
    let worstError = 0;
    let launches = 0;
    let expectedLaunches = 0;
    for (const C of COSTS_USD) {
      for (const { numerator, denominator } of RATIOS) {
        const L = (C * numerator) / denominator;
        for (let j = 0; j <= ALPHA_STEPS; j++) {
          const alpha = j / ALPHA_STEPS;
          for (let i = 0; i <= P_STEPS; i++) {
            const launch = decisionAbout({ P: i / P_STEPS, L, C, alpha }, policy).decision === 'launch';
            const expected =
              i * (denominator + numerator) * ALPHA_STEPS >= denominator * P_STEPS * (2 * ALPHA_STEPS - j);
            cases += 1;
            if (launch) launches += 1;
            if (expected) expectedLaunches += 1;
            if (launch === expected) continue;
            mismatches += 1;
            const threshold = ((2 - alpha) * denominator) / (denominator + numerator);
            worstError = Math.max(worstError, Math.abs(i / P_STEPS - threshold));
          }
        }
      }
    }
    return {
      cases,
      mismatches,
      worstError,
      expected: `${expectedLaunches} launches`,
      observed: `${launches} launches`,
      plot: boundaryPlot(policy),
    };
  },
});

function boundaryPlot(policy: LaunchPolicy): Findings['plot'] {
  const alphas = Array.from({ length: 41 }, (_, index) => index / 40);
  return {
    x: 'alpha',
    y: 'least P that is launched',
    series: RATIOS.map(({ numerator, denominator }) => ({
      name: `r = ${numerator / denominator}`,
      mark: 'line' as const,
      points: alphas
        .map((alpha): [number, number] => [alpha, leastP(alpha, numerator / denominator, policy)])
        .filter(([, P]) => P <= NEVER),
    })),
  };
}

function leastP(alpha: number, r: number, policy: LaunchPolicy): number {
  for (let i = 0; i <= P_STEPS; i++) {
    const P = i / P_STEPS;
    if (decisionAbout({ P, L: r, C: 1, alpha }, policy).decision === 'launch') return P;
  }
  return Infinity;
}
