import { criticalBranches, mostBranches } from '../../../speculation/decision/boundary';
import { forecastProbability } from '../../../speculation/estimate/beta-posterior';
import { resolveDependency } from '../../../speculation/estimate/dependency-type';
import { costAware } from '../../../speculation/policies/cost-aware';
import { Comparison } from '../comparison';
import { experiment } from '../experiment';
import { decisionAbout } from './decision-about';

const MOST_BRANCHES = 12;
/** Published for the parameters that the paper calls AutoReply; rounding pins r to [4.70, 4.75). */
const PUBLISHED = [
  { alpha: 1, lastBranches: 5, critical: 5.7 },
  { alpha: 0.5, lastBranches: 3, critical: 3.8 },
  { alpha: 0, lastBranches: 2, critical: 2.9 },
];
const RATIOS = [4.7, 4.71, 4.72, 4.73, 4.74, 4.7407, 4.7499];
const C = 0.0135;

/** Probability of a forecast of one of k branches before anything was seen. */
type RouterPrior = (k: number) => number;

/** Method 7 and 11, "self-limit": with k equally likely branches the rule stops by itself. */
export const selfLimit = experiment<RouterPrior>({
  name: 'self-limit',
  title: 'with P = 1/k the rule stops after k = 5 / 3 / 2 at alpha 1 / 0.5 / 0, as published; k_crit 5.7 / 3.8 / 2.9',
  origin: 'method',
  tolerance: 0,
  subject: (k) => forecastProbability(resolveDependency({ type: 'router_k_way', k }), undefined, null).probability,
  planted: {
    'prior 1/(k+1)': (k) => 1 / (k + 1),
    'prior 1/2 whatever k is': () => 0.5,
  },
  prepare: () => (prior) => {
    const comparison = new Comparison(0, 'absolute');
    for (const r of RATIOS) {
      for (const { alpha, lastBranches, critical } of PUBLISHED) {
        let last = 0;
        for (let k = 1; k <= MOST_BRANCHES; k++) {
          const launched = decisionAbout({ P: prior(k), L: r * C, C, alpha }, costAware).decision === 'launch';
          comparison.law(launched === k <= lastBranches);
          if (launched) last = k;
        }
        comparison.add(`last k, r ${r}, alpha ${alpha}`, lastBranches, last);
        comparison.law(mostBranches(alpha, r * C, C) === lastBranches);
        comparison.law(toOneDigit(criticalBranches(alpha, r * C, C)) === critical);
      }
    }
    return comparison.findings({
      x: 'k',
      y: 'alpha at which the rule still launches (r = 4.74)',
      series: [
        {
          name: 'smallest alpha that fires',
          mark: 'line',
          points: Array.from({ length: MOST_BRANCHES }, (_, index): [number, number] => [
            index + 1,
            2 - prior(index + 1) * 5.74,
          ]),
        },
        { name: 'published', mark: 'dot', points: PUBLISHED.map(({ alpha, critical }) => [critical, alpha]) },
      ],
    });
  },
});

/** Half a digit goes up, also where a float is a hair below it. */
function toOneDigit(value: number): number {
  return Math.round(value * 10 + 1e-9) / 10;
}
