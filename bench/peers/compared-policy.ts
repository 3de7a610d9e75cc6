import type { Decision } from '../../speculation/decision/decision';
import { launchPolicy, POLICY_FAMILIES } from '../../speculation/policies/by-name';
import type { LaunchPolicy } from '../../speculation/policies/launch-policy';

/** A policy in a benchmark. */
export interface ComparedPolicy {
  /** As `launchPolicy` takes it. */
  name: string;
  policy: LaunchPolicy;
  /** What it goes by, in a few words. */
  knew: string;
  /** Told of each decision, for a policy that counts. */
  onDecision?: (row: Decision) => void;
}

/** What a benchmark has for policies to go by. A policy that goes by nothing of it would be the plain run under another name. */
export type Given = 'drafts' | 'counts' | 'mined' | 'stream' | 'verifier' | 'copies' | 'confidence';

interface Listed {
  name: string;
  /** At least one of these, or there is nothing to show. @default it makes sense everywhere */
  goesBy?: readonly Given[];
  knew: string;
}

const POSTERIOR =
  'hit rates learned by edge in the order of the runs, from the prior (mean 0.5, worth two observations)';

/** Every policy that ships with the parameters that its publication has or defaults to, plain run first. */
const LISTED: readonly Listed[] = [
  { name: 'sequential', knew: 'nothing; it asks for no draft' },
  { name: 'parallel-only', goesBy: ['stream'], knew: 'what is final of outputs that still stream' },
  { name: 'always', knew: 'nothing; it follows every forecast' },
  { name: 'cost-aware', knew: `${POSTERIOR}; expected prices and durations` },
  { name: 'speculative-actions:k=1', goesBy: ['drafts', 'mined'], knew: 'ranks of forecasts' },
  { name: 'speculative-actions:k=2', goesBy: ['mined'], knew: 'ranks of forecasts' },
  { name: 'speculative-actions:k=3', goesBy: ['mined'], knew: 'ranks of forecasts' },
  { name: 'speculative-actions:optimal=1', goesBy: ['drafts', 'mined'], knew: `${POSTERIOR}; expected prices` },
  { name: 'speculative-actions:confidence=0.5', goesBy: ['confidence'], knew: 'what the draft says how sure it is' },
  { name: 'isp:k=2', goesBy: ['drafts'], knew: 'ranks and depths' },
  { name: 'isp', goesBy: ['drafts'], knew: 'ranks and depths; k = 4' },
  { name: 'dsp', goesBy: ['drafts'], knew: `${POSTERIOR}, as predicted length of a right run` },
  { name: 'dsp:tau=0.8', goesBy: ['drafts'], knew: `${POSTERIOR}, as predicted length of a right run, eager` },
  { name: 'dsp:beta=1', goesBy: ['drafts'], knew: `${POSTERIOR}, as predicted length of a right run, plus 1` },
  { name: 'sherlock', goesBy: ['verifier'], knew: 'match rates of verifiers and durations' },
  { name: 'paste', goesBy: ['mined'], knew: `counts of mined patterns; ${POSTERIOR}; durations` },
  { name: 'b-paste', goesBy: ['mined'], knew: `counts of mined patterns; ${POSTERIOR}; durations` },
  { name: 'count-threshold', goesBy: ['counts'], knew: 'counts of mined patterns' },
  { name: 'fixed-confidence:confidence=0.7', knew: POSTERIOR },
  { name: 'hedge:n=2', goesBy: ['copies'], knew: 'nothing; a second copy of each call' },
  { name: 'oracle', knew: 'which forecasts are right, which nobody can know' },
];

/**
 * The policies that have something to go by in a benchmark, the plain run first.
 *
 * @param given what there is to go by
 */
export function comparedPolicies(given: readonly Given[]): ComparedPolicy[] {
  const makesSense = ({ goesBy }: Listed): boolean =>
    goesBy === undefined || goesBy.some((each) => given.includes(each));
  return LISTED.filter(makesSense).map(({ name, knew }) => ({ name, policy: launchPolicy(name), knew }));
}

/** Families of which no policy is compared, for a note under the table. */
export function leftOut(compared: readonly ComparedPolicy[]): string[] {
  const families = compared.map(({ name }) => name.split(':')[0]);
  return POLICY_FAMILIES.map(({ name }) => name).filter((name) => !families.includes(name));
}
