import { AsyncLocalStorage } from '@temporalio/workflow';
import { canonicalJson } from '../forecast/canonical-json';

/**
 * One execution of the pipeline function. The authoritative run is the real one; a fiber is a re-run ahead of it; the engine
 * makes the calls of the runtime itself (look-ups, drafts, launches). AsyncLocalStorage tells each call which run it is from;
 * a call from a signal or update handler belongs to none.
 */
export class Run {
  readonly #occurrences = new Map<string, number>();
  readonly #made = new Map<string, number>();
  readonly #positions = new Map<string, number>();

  /**
   * Names a call so that the same call of another run has the same name: what is called, with which arguments, and which
   * occurrence of that very call it is within its run. Ordinals would break under `Promise.all`.
   */
  identify(what: string, parameters: unknown): string {
    const call = `${what}(${canonicalJson(parameters)})`;
    const occurrence = (this.#occurrences.get(call) ?? 0) + 1;
    this.#occurrences.set(call, occurrence);
    const identity = `${call}#${occurrence}`;
    const position = (this.#made.get(what) ?? 0) + 1;
    this.#made.set(what, position);
    this.#positions.set(identity, position);
    return identity;
  }

  /** Which of the calls to the same thing a call was, whatever their arguments, counted from 1; undefined if it was not made. */
  positionOf(identity: string): number | undefined {
    return this.#positions.get(identity);
  }
}

/** Which occurrence of the very same call it is within its run, from 1. */
export function occurrenceOf(identity: string): number {
  return Number(identity.slice(identity.lastIndexOf('#') + 1));
}

const storage = new AsyncLocalStorage<Run>();

export function currentRun(): Run | undefined {
  return storage.getStore();
}

export function within<T>(run: Run, body: () => T): T {
  return storage.run(run, body);
}

/** To be called when the sandbox of this workflow is disposed of. */
export function forgetRuns(): void {
  storage.disable();
}
