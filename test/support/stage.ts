/** Lets an activity wait for another one, so that a test can prove that two overlap without looking at a clock. */
export class Stage {
  readonly log: string[] = [];
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #seen = new Set<string>();

  mark(what: string): void {
    this.log.push(what);
    this.#seen.add(what);
    for (const wake of this.#waiting.get(what) ?? []) wake();
    this.#waiting.delete(what);
  }

  /** Resolves when `what` has been marked, or rejects after `limitMs`: then the test fails instead of hanging. */
  async reached(what: string, limitMs = 10_000): Promise<void> {
    if (this.#seen.has(what)) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`never reached: ${what}; seen: ${this.log.join(', ')}`)),
        limitMs,
      );
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.set(what, [...(this.#waiting.get(what) ?? []), wake]);
    });
  }

  count(what: string): number {
    return this.log.filter((each) => each === what).length;
  }
}
