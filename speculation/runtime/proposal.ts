import type { ActivityInput } from '@temporalio/workflow';
import type { DecisionReason } from '../decision/decision';
import type { Fiber } from './fiber';
import type { Strand } from './strand';

/** A call that a fiber asks for and that nobody has made yet. The fiber waits for the answer; without one it holds. */
export interface Proposal {
  readonly identity: string;
  readonly fiber: Fiber;
  /** The path of execution in the fiber that waits for it. */
  readonly strand: Strand;
  readonly input: ActivityInput;
  /** Lets the fiber go on with the call. */
  readonly answer: (value: Promise<unknown>) => void;
  /** Why it was last decided against; null before the first decision. */
  heldFor: DecisionReason | null;
}

/** The same call of several fibers is one candidate. In the order in which they were asked for. */
export function byIdentity(proposals: readonly Proposal[]): Proposal[][] {
  const groups = new Map<string, Proposal[]>();
  for (const proposal of proposals) {
    const group = groups.get(proposal.identity);
    if (group === undefined) groups.set(proposal.identity, [proposal]);
    else group.push(proposal);
  }
  return [...groups.values()];
}
