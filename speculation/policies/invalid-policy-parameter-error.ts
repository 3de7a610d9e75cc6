import { shownValue } from '../decision/shown-value';

/** A parameter of a launch policy that cannot be used. */
export class InvalidPolicyParameterError extends Error {
  readonly code = 'RUNAHEAD_INVALID_POLICY_PARAMETER';
  override readonly name = 'InvalidPolicyParameterError';

  constructor(policyName: string, field: string, value: unknown, wayOut: string) {
    super(`launch policy ${JSON.stringify(policyName)}: ${field} is ${shownValue(value)}; ${wayOut}`);
  }
}
