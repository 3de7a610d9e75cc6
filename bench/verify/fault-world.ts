import type { Random } from '../simulator/random-stream';
import type { VerifiedNode } from './verified-graph';

/** One run of a graph as far as errors go: everything that does not depend on where verifiers stand. */
export interface ErrorDraw {
  /** By node: whether its own work is wrong. */
  wrong: readonly boolean[];
  /** By node: whether its verifier would see that. */
  seen: readonly boolean[];
  /** By node: whether an error of it would still be in the result. */
  surfaces: readonly boolean[];
}

/** Share of wrong outputs that a verifier sees. */
export const CATCHES = 0.9;

/**
 * A world in which errors of nodes spoil results. A node is wrong as often as its verifier does not agree; an error goes on to each node
 * behind it with a probability of its own, and what reaches a node without successors is in the result. Verifiers check the work of their
 * own node.
 */
export class FaultWorld {
  /** By node and predecessor: how often an error of the predecessor goes through the node. */
  private readonly passes: number[][];

  constructor(
    readonly nodes: readonly VerifiedNode[],
    random: Random,
  ) {
    this.passes = nodes.map(({ after, kind }) => after.map(() => (kind === 'tool' ? 0.2 : 0.3) + 0.6 * random()));
  }

  draw(random: Random): ErrorDraw {
    const wrong = this.nodes.map(({ matchRate }) => random() >= matchRate);
    const seen = this.nodes.map(() => random() < CATCHES);
    const open = this.passes.map((rates) => rates.map((rate) => random() < rate));
    const followers = this.nodes.map(({ name }) =>
      this.nodes.flatMap(({ after }, index) => {
        const at = after.indexOf(name);
        return at >= 0 && open[index]?.[at] === true ? [index] : [];
      }),
    );
    const ends = this.nodes.map(({ name }) => this.nodes.every(({ after }) => !after.includes(name)));
    const surfaces: boolean[] = [];
    // Followers come later in the list.
    for (let index = this.nodes.length - 1; index >= 0; index -= 1) {
      surfaces[index] = ends[index] === true || (followers[index] ?? []).some((next) => surfaces[next] === true);
    }
    return { wrong, seen, surfaces };
  }
}

/** Score of a result without verifiers: 1, or 0 with an error in it. `fault` makes one node wrong. */
export function scoreOf({ wrong, surfaces }: ErrorDraw, fault?: number): number {
  return wrong.some((isWrong, index) => (isWrong || index === fault) && surfaces[index] === true) ? 0 : 1;
}

/** Errors that would be in the result, and that a verifier sees. */
export function caughtIn({ wrong, seen, surfaces }: ErrorDraw, verified: ReadonlySet<number>): number {
  let caught = 0;
  for (const index of verified) {
    if (wrong[index] === true && surfaces[index] === true && seen[index] === true) caught += 1;
  }
  return caught;
}
