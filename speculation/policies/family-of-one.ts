import type { LaunchPolicy, PolicyFamily } from './launch-policy';

/** A policy without parameters. */
export function familyOfOne(policy: LaunchPolicy, summary: string, source: string): PolicyFamily {
  return { name: policy.name, summary, source, parameters: {}, with: () => policy };
}
