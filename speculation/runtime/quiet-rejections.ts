import { type Activator } from '@temporalio/workflow/lib/internals';
import { Fiber } from './fiber';
import { currentRun } from './run';

/**
 * A promise that is rejected and that nobody awaits fails the workflow task. In a fiber that happens for reasons that are none of the
 * pipeline's: a forecast of the wrong type, a field that is not known yet, a call that is held while an earlier promise is rejected. So
 * the promises of fibers are remembered, and those that were settled are looked after before the SDK asks whether somebody has missed one.
 * The SDK has no hook for this; it keeps the stack of every promise of a workflow, and that is where they pass by.
 */
export class QuietRejections {
  readonly #ofFibers = new WeakSet<Promise<unknown>>();
  readonly #settled: Promise<unknown>[] = [];

  constructor({ promiseStackStore: { promiseToStack } }: Activator) {
    const set = promiseToStack.set.bind(promiseToStack);
    promiseToStack.set = (promise, stack) => {
      if (currentRun() instanceof Fiber) this.#ofFibers.add(promise);
      return set(promise, stack);
    };
    const remove = promiseToStack.delete.bind(promiseToStack);
    promiseToStack.delete = (promise) => {
      if (this.#ofFibers.delete(promise)) this.#settled.push(promise);
      return remove(promise);
    };
  }

  /** To be called at the end of an activation. */
  lookAfter(): void {
    for (const promise of this.#settled.splice(0)) promise.catch(() => undefined);
  }
}
