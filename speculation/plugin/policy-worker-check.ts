import { nearestNames } from '../decision/nearest-names';
import { PolicyError } from './policy-error';
import type { Policy } from './policy-file';

/**
 * Checks that a worker runs every activity that its policy declares, apart from those declared `remote`. A worker that runs no
 * activity at all is not checked: all of its activities are somewhere else.
 *
 * @throws PolicyError listing the nearest registered names
 */
export function checkPolicyAgainstWorker(policy: Policy, registeredActivityNames: readonly string[]): void {
  if (registeredActivityNames.length === 0) return;
  const registered = new Set(registeredActivityNames);
  for (const { activityType, remote } of policy.operations.values()) {
    if (remote || registered.has(activityType)) continue;
    const nearest = nearestNames(activityType, registeredActivityNames);
    const hint =
      nearest === ''
        ? `Registered: ${registeredActivityNames.map((name) => `"${name}"`).join(', ')}.`
        : `Did you mean ${nearest}?`;
    throw new PolicyError(
      'POLICY_UNKNOWN_ACTIVITY',
      `activities.${activityType}`,
      activityType,
      `${hint} If another worker runs it, declare it with remote: true.`,
      'is not registered on this worker',
    );
  }
}
