/** What is wrong with a policy; stable, for programs. */
export type PolicyErrorCode =
  | 'POLICY_INVALID'
  | 'POLICY_UNKNOWN_PRICE'
  | 'POLICY_UNKNOWN_LAUNCH_POLICY'
  | 'POLICY_UNKNOWN_DRAFT'
  | 'POLICY_DRAFT_NOT_ADMISSIBLE'
  | 'POLICY_UNKNOWN_EQUIVALENCE'
  | 'POLICY_EQUIVALENCE_NOT_ADMISSIBLE'
  | 'POLICY_UNKNOWN_ACTIVITY'
  | 'POLICY_STAGE_NOT_STAGED'
  | 'POLICY_STORE_NAME_TAKEN'
  | 'POLICY_STAGE_IS_ACTIVITY'
  | 'POLICY_HINTS_CONTRADICT'
  | 'POLICY_MISSING';

/** A policy that cannot be used. The message names the field, its value and the way out. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';

  constructor(
    readonly code: PolicyErrorCode,
    /** Path of the field, for example `activities.draftReply.cost.model`. */
    readonly field: string,
    /** The value that was given. */
    readonly value: unknown,
    /** What to do about it. */
    readonly remedy: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`Policy field ${field} ${problem} (given: ${show(value)}). ${remedy}`, options);
  }
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  // JSON writes NaN and Infinity as null, which would hide the very thing that is wrong.
  if (typeof value === 'number' || value === undefined) return String(value);
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? typeof value : text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
