import { AsyncLocalStorage } from '@temporalio/workflow';

/**
 * One path of execution within a fiber. A fiber that reads what is not known yet has come to the end of this path and of no other: what it
 * has started for the elements of a list before goes on.
 */
export interface Strand {
  ended: boolean;
  /** How many launches the values seen on it build on. */
  depth: number;
}

const storage = new AsyncLocalStorage<Strand>();

export function currentStrand(): Strand | undefined {
  return storage.getStore();
}

/** Runs a part of a fiber as a path of its own. */
export function inStrand<T>(strand: Strand, body: () => T): T {
  return storage.run(strand, body);
}

/** To be called when the sandbox of this workflow is disposed of. */
export function forgetStrands(): void {
  storage.disable();
}
