import type { Launch } from './launch';
import { ANY_RESOURCE } from './protocol';

/**
 * What the pipeline itself has written, and when, on a clock that counts its writes. A read that was launched early has not seen what was
 * written since.
 */
export class WrittenResources {
  readonly #writes: ReadonlySet<string>[] = [];

  /** Number of writes so far. */
  get clock(): number {
    return this.#writes.length;
  }

  wrote(resources: readonly string[]): void {
    if (resources.length > 0) this.#writes.push(new Set(resources));
  }

  /** Whether the pipeline has written something after the launch was started, and before it was claimed, that the launch has read. */
  makeStale({ writesBefore, writesUntil, reads }: Launch): boolean {
    if (reads.length === 0) return false;
    return this.#writes
      .slice(writesBefore, writesUntil)
      .some((written) => written.has(ANY_RESOURCE) || reads.some((read) => read === ANY_RESOURCE || written.has(read)));
  }
}
