import { CancellationScope } from '@temporalio/workflow';

/** A scope of one launch or draft: cancelling it cancels that activity, and nothing else does. */
export function cancellableWithin(shield: CancellationScope): CancellationScope {
  return new CancellationScope({ cancellable: true, parent: shield });
}
