import { constant } from '../../simulator/distribution';
import { pipeline } from '../../simulator/pipeline';
import { randomStream } from '../../simulator/random-stream';
import type { Workload } from '../../simulator/run-draw';

/** One edge in a world that does not change: the guess is right with one and the same P. */
export interface StationaryEdge {
  P: number;
  /** r = L / C. */
  r: number;
  alpha: number;
  group: 'spread' | 'near the boundary';
}

/** C: price of a launch, US dollars. */
export const LAUNCH_USD = 0.01;
/** Seconds that a right launch saves: the shorter of the two operations. */
export const SAVED_SECONDS = 2;
const RATIOS = [1, 2, 4.7407, 10];
const ALPHAS = [0, 0.5, 1];
/** "Near" is within this of P*: half of the edges lie there, where a mistake is easiest. */
const NEAR = 0.15;

/** Edges with P spread over 0 to 1, and as many with P close to where the rule flips, over four r and three alphas. */
export function stationaryEdges(each: number, seed: number): StationaryEdge[] {
  const random = randomStream(seed, 'edges');
  return RATIOS.flatMap((r) =>
    ALPHAS.flatMap((alpha) =>
      Array.from({ length: 2 * each }, (_, index): StationaryEdge => {
        const near = index % 2 === 1;
        const threshold = (2 - alpha) / (1 + r);
        const P = near ? Math.min(1, Math.max(0, threshold + NEAR * (2 * random() - 1))) : random();
        return { P, r, alpha, group: near ? 'near the boundary' : 'spread' };
      }),
    ),
  );
}

/** What a second has to be worth for the edge to have its r, US dollars. */
export function lambdaOf({ r }: StationaryEdge): number {
  return (r * LAUNCH_USD) / SAVED_SECONDS;
}

export function edgeWorkload({ P }: StationaryEdge): Workload {
  return pipeline('edge', [
    {
      name: 'u',
      latency: constant(SAVED_SECONDS + 1),
      draft: { source: 'function', latency: constant(0), hitProbabilities: [P] },
    },
    { name: 'v', latency: constant(SAVED_SECONDS), price: { kind: 'fixed', usd: LAUNCH_USD } },
  ]);
}
