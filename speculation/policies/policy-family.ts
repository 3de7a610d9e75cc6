import type { LaunchPolicy, PolicyFamily, PolicyParameter } from './launch-policy';

interface FamilySpec<Parameter extends string> {
  name: string;
  summary: string;
  source: string;
  parameters: Readonly<Record<Parameter, PolicyParameter>>;
  /** @param name for messages */
  policy: (parameters: Readonly<Record<Parameter, number>>, name: string) => Omit<LaunchPolicy, 'name'>;
}

/** Policies that differ in their parameters only. Those that are not given have their defaults. */
export function policyFamily<Parameter extends string>(spec: FamilySpec<Parameter>): PolicyFamily {
  const { name, summary, source, parameters } = spec;
  const defaults = Object.fromEntries(
    Object.entries<PolicyParameter>(parameters).map(([key, parameter]) => [key, parameter.default]),
  ) as Record<Parameter, number>;
  return {
    name,
    summary,
    source,
    parameters,
    with: (shownName, given) => ({ name: shownName, ...spec.policy({ ...defaults, ...given }, shownName) }),
  };
}
