import { probabilityThreshold } from '../../../speculation/decision/boundary';
import { costAware } from '../../../speculation/policies/cost-aware';
import type { LaunchPolicy } from '../../../speculation/policies/launch-policy';
import { Comparison } from '../comparison';
import { experiment } from '../experiment';
import { decisionAbout } from './decision-about';

const TOLERANCE = 1e-9;
const HALVINGS = 60;
const ALPHAS = [0, 0.25, 0.5, 0.75, 1];
/** The reference thresholds of method 1.2, to the four digits that it prints. */
const TABLE: readonly [number, readonly number[]][] = [
  [0.5, [1.3333, 1.1667, 1, 0.8333, 0.6667]],
  [1, [1, 0.875, 0.75, 0.625, 0.5]],
  [2, [0.6667, 0.5833, 0.5, 0.4167, 0.3333]],
  [4.7, [0.3509, 0.307, 0.2632, 0.2193, 0.1754]],
  [10, [0.1818, 0.1591, 0.1364, 0.1136, 0.0909]],
];
const C = 0.0135;

/** Method 11, "P threshold": where the decision flips, found by halving, against the closed form and the table. */
export const threshold = experiment<LaunchPolicy>({
  name: 'p-threshold',
  title: 'the P at which the decision flips equals (2 - alpha) / (1 + r) and the table; above 1 it never does',
  origin: 'method',
  tolerance: TOLERANCE,
  subject: costAware,
  planted: {
    'half of the dial': {
      name: 'half-dial',
      wants: (q) => q.expectedValueUsd >= (1 - q.knob.alpha / 2) * q.speculativeCostUsd,
    },
    'a tie of a millionth is let through': {
      name: 'loose',
      wants: (q) => q.expectedValueUsd >= q.thresholdUsd - 1e-6 * q.speculativeCostUsd,
    },
  },
  prepare: () => (policy) => {
    const comparison = new Comparison(TOLERANCE, 'absolute');
    for (const [r, printed] of TABLE) {
      for (const [index, alpha] of ALPHAS.entries()) {
        const closed = (2 - alpha) / (1 + r);
        const flip = flipPoint({ L: r * C, C, alpha }, policy);
        comparison.law(Math.abs(closed - (printed[index] ?? NaN)) <= 5.1e-5);
        comparison.law(Math.abs(probabilityThreshold(alpha, r * C, C) - closed) <= TOLERANCE);
        if (closed > 1) comparison.law(flip === null);
        else comparison.add(`r ${r}, alpha ${alpha}`, closed, flip ?? NaN);
      }
    }
    return comparison.findings();
  },
});

/** Null if even a certainty is not launched. */
function flipPoint(quantities: { L: number; C: number; alpha: number }, policy: LaunchPolicy): number | null {
  const launches = (P: number): boolean => decisionAbout({ P, ...quantities }, policy).decision === 'launch';
  if (!launches(1)) return null;
  let low = 0;
  let high = 1;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (launches(middle)) high = middle;
    else low = middle;
  }
  return high;
}
