import type { Counts } from './mined-patterns';

const MOST_CONTEXTS = 200;

/** Counts by context, in all and by group, so that a group can be left out. */
export class Tally {
  readonly #all = new Map<string, [number, number]>();
  readonly #byGroup = new Map<string, Map<string, [number, number]>>();

  add(context: string, group: string, right: boolean): void {
    const own = this.#byGroup.get(group) ?? new Map<string, [number, number]>();
    this.#byGroup.set(group, own);
    for (const counts of [this.#all, own]) {
      const known = counts.get(context) ?? [0, 0];
      counts.set(context, [known[0] + (right ? 1 : 0), known[1] + 1]);
    }
  }

  /** Without what a group has contributed. */
  without(group: string, context: string): Counts | undefined {
    const all = this.#all.get(context);
    const own = this.#byGroup.get(group)?.get(context);
    return all === undefined || own === undefined ? all : [all[0] - own[0], all[1] - own[1]];
  }

  /** The contexts that have been seen often enough, at most 200 of them. */
  record(least: number): Record<string, Counts> {
    const seen = [...this.#all].filter(([, [, total]]) => total >= least);
    seen.sort(([left, [, leftTotal]], [right, [, rightTotal]]) => rightTotal - leftTotal || (left < right ? -1 : 1));
    return Object.fromEntries(seen.slice(0, MOST_CONTEXTS));
  }
}
