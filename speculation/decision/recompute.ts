import type { LaunchPolicy } from '../policies/launch-policy';
import { decideAsk, type AskDecision } from './ask-draft';
import { decide, type Decision } from './decision';

/** One row of the decision log: a planned edge, a launch or hold, or whether a draft was asked for. */
export type DecisionRow = Decision | AskDecision;

/**
 * The same decision again, from the inputs that its row carries and nothing else.
 *
 * @param policy needed only for a policy that has no built-in name
 * @throws UnknownPolicyError if no policy is given and the row names none of the known ones
 */
export function recomputeRow(row: Decision, policy?: LaunchPolicy): Decision;
export function recomputeRow(row: AskDecision, policy?: LaunchPolicy): AskDecision;
export function recomputeRow(row: DecisionRow, policy?: LaunchPolicy): DecisionRow;
export function recomputeRow(row: DecisionRow, policy?: LaunchPolicy): DecisionRow {
  return row.phase === 'ask' ? decideAsk(row) : decide(row, policy);
}
