import { nearestNames } from '../decision/nearest-names';
import { always } from './always';
import { bPaste } from './b-paste';
import { costAwareFamily } from './cost-aware';
import { countThreshold } from './count-threshold';
import { dsp } from './dsp';
import { familyOfOne } from './family-of-one';
import { fixedConfidence } from './fixed-confidence';
import { hedge } from './hedge';
import { InvalidPolicyParameterError } from './invalid-policy-parameter-error';
import { isp } from './isp';
import type { LaunchPolicy, PolicyFamily, PolicyParameter } from './launch-policy';
import { oracle } from './oracle';
import { parallelOnly } from './parallel-only';
import { paste } from './paste';
import { sequential } from './sequential';
import { sherlock } from './sherlock';
import { speculativeActions } from './speculative-actions';

/** Every policy that ships: ours, the published systems, baselines. */
export const POLICY_FAMILIES: readonly PolicyFamily[] = [
  costAwareFamily,
  speculativeActions,
  isp,
  dsp,
  sherlock,
  paste,
  bPaste,
  familyOfOne(sequential, 'never launches: the plain run', 'baseline'),
  parallelOnly,
  familyOfOne(always, 'launches whatever is admissible', 'baseline'),
  countThreshold,
  fixedConfidence,
  hedge,
  oracle,
];

/** A launch policy that does not exist. */
export class UnknownPolicyError extends Error {
  readonly code = 'RUNAHEAD_UNKNOWN_POLICY';
  override readonly name = 'UnknownPolicyError';

  constructor(policyName: string) {
    const names = POLICY_FAMILIES.map(({ name }) => name);
    const nearest = nearestNames(policyName.split(':')[0] ?? '', names);
    const hint = nearest === '' ? '.' : `; did you mean ${nearest}?`;
    super(`launch policy: there is no ${JSON.stringify(policyName)}${hint} Known policies: ${names.join(', ')}`);
  }
}

const made = new Map<string, LaunchPolicy>();

/**
 * The policy of a name such as `cost-aware` or `speculative-actions:k=2,confidence=0.5`. Parameters that are not given have their defaults.
 *
 * @throws UnknownPolicyError
 * @throws InvalidPolicyParameterError for a parameter that the policy has not got, or a value out of its bounds
 */
export function launchPolicy(name: string): LaunchPolicy {
  const known = made.get(name);
  if (known !== undefined) return known;
  const [familyName = '', ...rest] = name.split(':');
  const family = POLICY_FAMILIES.find((candidate) => candidate.name === familyName);
  if (family === undefined) throw new UnknownPolicyError(name);
  const policy = family.with(name, parametersOf(family, name, rest.join(':')));
  made.set(name, policy);
  return policy;
}

function parametersOf(family: PolicyFamily, name: string, text: string): Record<string, number> {
  const parameters = Object.fromEntries(Object.entries(family.parameters).map(([key, each]) => [key, each.default]));
  const given = new Set<string>();
  for (const assignment of text === '' ? [] : text.split(',')) {
    const [key = '', ...values] = assignment.split('=').map((part) => part.trim());
    const parameter = Object.hasOwn(family.parameters, key) ? family.parameters[key] : undefined;
    if (parameter === undefined) {
      const names = Object.keys(family.parameters);
      const nearest = nearestNames(key, names);
      const hint = nearest === '' ? '' : `did you mean ${nearest}? `;
      const wayOut = names.length === 0 ? 'it has no parameters' : `${hint}its parameters are ${names.join(', ')}`;
      throw new InvalidPolicyParameterError(name, 'the parameter', key, wayOut);
    }
    if (given.has(key)) throw new InvalidPolicyParameterError(name, 'the parameter', key, 'it is given twice');
    given.add(key);
    parameters[key] = usable(name, key, values.join('='), parameter);
  }
  return parameters;
}

function usable(name: string, key: string, text: string, { least, most, whole }: PolicyParameter): number {
  const value = Number(text);
  const fits = text !== '' && Number.isFinite(value) && value >= least && value <= most;
  if (fits && (whole !== true || Number.isInteger(value))) return value;
  const kind = whole === true ? 'a whole number' : 'a number';
  throw new InvalidPolicyParameterError(name, key, text, `use ${kind} from ${least} to ${most}`);
}
