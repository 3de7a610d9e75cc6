import { CancellationScope } from '@temporalio/workflow';

/**
 * A scope that the cancellation of the workflow does not reach: the runtime decides itself what becomes of its calls, and a
 * claimed launch obeys the scope it was claimed from and no other.
 */
export function shieldedScope(): CancellationScope {
  return new CancellationScope({ cancellable: false });
}

export function cancellableWithin(shield: CancellationScope): CancellationScope {
  return new CancellationScope({ cancellable: true, parent: shield });
}
