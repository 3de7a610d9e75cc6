import type { Decision } from '../../../speculation/decision/decision';
import type { Rate } from '../../measure/policy-comparison';
import type { ComparedPolicy } from '../compared-policy';

/** Candidates of one target, that are offered together. */
const OFFERED_TOGETHER = 5;

/** What a throttle leaves: so many of the candidates of each target, or of all so far, so that a policy may save up for better ones. */
export type Allowance = 'each-target' | 'saved-up';

export interface ThrottledPolicy extends ComparedPolicy {
  /** Launches so far, of the candidates that were offered. */
  counts: () => Rate;
}

/** Candidates for a tool call; that the model might be asked with the result of a launch is not what is throttled. */
export function isSpeculativeWork({ downstream }: Decision): boolean {
  return downstream !== 'model';
}

/**
 * The same policy where a share of the speculative work is throttled: of all candidates that were offered no more than the rest are
 * launched, whichever the policy wants. As pure as the policy: what has been launched it is told.
 *
 * @param throttle 0 throttles nothing, 1 everything
 */
export function throttled(compared: ComparedPolicy, throttle: number, allowance: Allowance): ThrottledPolicy {
  const { policy } = compared;
  let offered = 0;
  let launched = 0;
  let launchedBefore = 0;
  const allowedOf = (candidates: number): number => Math.floor((1 - throttle) * candidates + 1e-9);
  const hasRoom = (): boolean => {
    const before = offered - (offered % OFFERED_TOGETHER);
    const allowed = allowedOf(before + OFFERED_TOGETHER);
    if (allowance === 'saved-up') return launched < allowed;
    return launched - launchedBefore < allowed - allowedOf(before);
  };
  return {
    ...compared,
    counts: () => ({ numerator: launched, denominator: offered }),
    policy: { ...policy, wants: (quantities) => hasRoom() && policy.wants(quantities) },
    onDecision: (row) => {
      if (!isSpeculativeWork(row)) return;
      offered += 1;
      if (row.decision === 'launch') launched += 1;
      if (offered % OFFERED_TOGETHER === 0) launchedBefore = launched;
      compared.onDecision?.(row);
    },
  };
}
