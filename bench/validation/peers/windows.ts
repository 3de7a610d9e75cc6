import { exponential } from '../../simulator/distribution';
import { READS_ONLY } from '../../simulator/pipeline';
import type { Random } from '../../simulator/random-stream';
import type { OperationDraw, Workload } from '../../simulator/run-draw';

/*
 * The set-up of Speculative Actions (arXiv:2510.04371) for random latencies: T steps, actor latency Exp(beta), guess latency Exp(alpha),
 * k guesses; "after a hit the next step has no window", also where the guess came too late to be of use.
 */

/** S_n: expected hits in n steps when a step after a hit has no window, p the probability of a hit. */
export function expectedHits(n: number, p: number): number {
  return (p / (1 + p)) * n + (p / (1 + p)) ** 2 * (1 - (-p) ** n);
}

/** p(k) = 1 - (1 - p)^k for independent guesses. */
export function hitOfAny(p: number, k: number): number {
  return 1 - (1 - p) ** k;
}

export interface ExponentialSteps {
  steps: number;
  /** beta = 1: an actor step takes a second on average. */
  alpha: number;
  /** Probability of each guess to be right. */
  p: number;
  k: number;
  /** Independent guesses in one call, or distinct guesses that each take a call of the same price per second as the actor. */
  guesses: 'independent' | 'distinct';
}

export function exponentialSteps({ steps, alpha, p, k, guesses }: ExponentialSteps): Workload {
  const actor = exponential(1);
  const guess = exponential(1 / alpha);
  const distinct = guesses === 'distinct';
  const step = (random: Random, index: number, window: boolean): OperationDraw & { hit: boolean } => {
    const latencySeconds = actor.sample(random);
    const ranks = Array.from({ length: k }, (_, rank) => rank);
    const shared = random();
    const rights = ranks.map((rank) => (distinct ? shared >= rank * p && shared < (rank + 1) * p : random() < p));
    const candidates = ranks.map((rank) => ({ rank, right: rights[rank] === true, trueProbability: p }));
    const draft = (of: typeof candidates): OperationDraw['drafts'][number] => {
      const seconds = guess.sample(random);
      return {
        source: 'draft',
        latencySeconds: seconds,
        inputUsd: 0,
        outputUsd: distinct ? seconds : 0,
        candidates: of,
      };
    };
    const drafts = distinct ? candidates.map((candidate) => draft([candidate])) : [draft(candidates)];
    return {
      name: 'step',
      after: index === 0 ? [] : [index - 1],
      call: { latencySeconds, inputUsd: 0, outputUsd: latencySeconds },
      astray: (anew) => {
        const seconds = actor.sample(anew);
        return { latencySeconds: seconds, inputUsd: 0, outputUsd: seconds };
      },
      drafts: window ? drafts : [],
      candidates: distinct ? 'exclusive' : 'independent',
      declared: READS_ONLY,
      // Nobody looks at what is expected: everything is launched.
      expected: { latencySeconds: [1], cost: { kind: 'fixed', usd: 1 } },
      hit: window && rights.includes(true),
    };
  };
  return {
    name: 'speculative-actions',
    draw: (_run, random) => {
      let window = true;
      const operations: OperationDraw[] = [];
      for (let index = 0; index < steps; index++) {
        const { hit, ...operation } = step(random, index, window);
        operations.push(operation);
        window = !hit;
      }
      return { operations };
    },
  };
}
