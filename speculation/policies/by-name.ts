import { always } from './always';
import { costAware } from './cost-aware';
import type { LaunchPolicy } from './launch-policy';
import { sequential } from './sequential';

const POLICIES: readonly LaunchPolicy[] = [costAware, sequential, always];

/** A launch policy that does not exist. */
export class UnknownPolicyError extends Error {
  readonly code = 'RUNAHEAD_UNKNOWN_POLICY';
  override readonly name = 'UnknownPolicyError';

  constructor(policyName: string) {
    const known = POLICIES.map(({ name }) => name).join(', ');
    super(`launch policy: there is no ${JSON.stringify(policyName)}; known policies: ${known}`);
  }
}

/** @throws UnknownPolicyError */
export function launchPolicy(name: string): LaunchPolicy {
  const policy = POLICIES.find((candidate) => candidate.name === name);
  if (!policy) throw new UnknownPolicyError(name);
  return policy;
}
