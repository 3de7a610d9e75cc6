import type { PolicyComparison } from '../measure/policy-comparison';
import { leftOut, type ComparedPolicy } from './compared-policy';
import { dialOf, outcomeOf, pointOf, rowOf, type Bench, type PolicyOutcome } from './simulated-units';

const ALPHAS = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
const FEW_ALPHAS = [0, 0.5, 1];

/** Every policy on the same units. */
export interface Compared {
  outcomes: readonly PolicyOutcome[];
  plain: PolicyOutcome;
  /** @throws RangeError for a policy that was not compared */
  named: (name: string) => PolicyOutcome;
  figures: Pick<PolicyComparison, 'rows' | 'frontier' | 'timelines'>;
  notes: string[];
}

interface ComparedBench extends Bench {
  policies: readonly ComparedPolicy[];
  /** Fewer points of the dial. @default false */
  quick?: boolean | undefined;
}

/**
 * Runs every policy on the same units: rows against the plain run, policies as points, the dial of `cost-aware` as a curve, one run of each
 * as a picture.
 */
export function compare({ policies, quick = false, ...bench }: ComparedBench): Compared {
  const outcomes = policies.map((policy) => outcomeOf(bench, policy));
  const named = (name: string): PolicyOutcome => {
    const found = outcomes.find(({ compared }) => compared.name === name);
    if (found === undefined) throw new RangeError(`there is no ${name} among the policies that are compared`);
    return found;
  };
  const plain = named('sequential');
  const missing = leftOut(policies);
  return {
    outcomes,
    plain,
    named,
    figures: {
      rows: outcomes.map((outcome) => rowOf(outcome, plain, bench.seed)),
      frontier: {
        points: outcomes.map(pointOf),
        dial: dialOf(bench, named('cost-aware').compared, quick ? FEW_ALPHAS : ALPHAS),
      },
      timelines: outcomes.map(({ compared, bars }) => ({ policy: compared.name, bars })),
    },
    notes:
      missing.length === 0
        ? []
        : [`Nothing to go by here, so the plain run under another name: ${missing.join(', ')}.`],
  };
}
