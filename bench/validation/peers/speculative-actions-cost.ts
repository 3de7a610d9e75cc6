import { launchPolicy } from '../../../speculation/policies/by-name';
import { costUsd } from '../../simulator/books';
import { simulate } from '../../simulator/simulate';
import { closedForm } from '../closed-form';
import { times } from '../experiment';
import { tallied } from '../tally';
import { exponentialSteps, type ExponentialSteps } from './windows';

const STEPS = 200;
const CASES: ExponentialSteps[] = [
  { steps: STEPS, alpha: 3, p: 0.6, k: 1, guesses: 'distinct' },
  { steps: STEPS, alpha: 4, p: 0.25, k: 2, guesses: 'distinct' },
  { steps: STEPS, alpha: 2, p: 0.3, k: 3, guesses: 'distinct' },
];

/** k distinct guesses, at most one of them right; guesses and calls cost the same per second; losers are cancelled at validation. */
export const extraCost = closedForm<ExponentialSteps>({
  name: 'speculative-actions-cost',
  title: 'extra cost of Algorithm 1 that cancels its losers when the actor answers, as a share of the plain cost',
  origin: 'corrected',
  form: ({ alpha, p: each, k }) => {
    const p = each * k;
    const window = (k / (1 + p)) * ((alpha + 2) / (2 * (alpha + 1)));
    return window - (p / (1 + p)) * (alpha / (2 * (alpha + 1)));
  },
  printed: upperForm,
  planted: {
    'the upper form as printed': upperForm,
    'guesses are free': ({ alpha, p: each, k }) => {
      const p = each * k;
      return ((k - p) / (1 + p)) * (alpha / (2 * (alpha + 1)));
    },
  },
  simulate: (setting) =>
    CASES.map((parameters) => {
      const tally = tallied(exponentialSteps(parameters));
      const runs = times(160_000 / STEPS, setting);
      const { total } = simulate(tally.workload, {
        seed: setting.seed,
        runs,
        policy: launchPolicy('speculative-actions:k=3'),
        depth: 'block',
        maxDepth: 1,
      });
      const { alpha, p, k } = parameters;
      return {
        label: `alpha ${alpha}, p ${p}, k ${k}`,
        parameters,
        observed: (costUsd(total) - tally.usd()) / tally.usd(),
      };
    }),
});

/** As printed. */
function upperForm({ alpha, p: each, k }: ExponentialSteps): number {
  const p = each * k;
  return k - (k + alpha / (alpha + 1)) * (p / (1 + p));
}
