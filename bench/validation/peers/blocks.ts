import { always } from '../../../speculation/policies/always';
import { launchPolicy } from '../../../speculation/policies/by-name';
import { constant } from '../../simulator/distribution';
import { chain, READS_ONLY } from '../../simulator/pipeline';
import type { OperationDraw, Workload } from '../../simulator/run-draw';
import { simulate } from '../../simulator/simulate';
import { closedForm } from '../closed-form';
import { times } from '../experiment';
import { dealtWithinRun } from '../luck';

interface Blocks {
  steps: number;
  k: number;
  targetSeconds: number;
  draftSeconds: number;
  right: boolean;
}

/**
 * Interactive Speculative Planning, arXiv:2410.00079: the cheap agent drafts up to k steps, the target agent recomputes each in parallel.
 * Best case: blocks of k steps, each as long as its last step's target. Worst case: every draft wrong, so as long as without.
 */
export const isp = closedForm<Blocks>({
  name: 'isp',
  title: 'Interactive Speculative Planning: best case N/k blocks of (k - 1) b + a, worst case the plain N a',
  origin: 'peer',
  form: ({ steps, k, targetSeconds: a, draftSeconds: b, right }) =>
    right ? Math.floor(steps / k) * ((k - 1) * b + a) + lastBlock(steps % k, a, b) : steps * a,
  planted: {
    'a block is as long as one step': ({ steps, k, targetSeconds: a, right }) =>
      right ? Math.ceil(steps / k) * a : steps * a,
    'blocks overlap': ({ steps, targetSeconds: a, draftSeconds: b, right }) =>
      right ? (steps - 1) * b + a : steps * a,
  },
  simulate: ({ seed }) =>
    [
      { steps: 24, k: 4, targetSeconds: 10, draftSeconds: 2, right: true },
      { steps: 22, k: 4, targetSeconds: 10, draftSeconds: 2, right: true },
      { steps: 30, k: 3, targetSeconds: 7, draftSeconds: 3, right: true },
      { steps: 24, k: 4, targetSeconds: 10, draftSeconds: 2, right: false },
    ].map((parameters) => {
      const { steps, k, targetSeconds, draftSeconds, right } = parameters;
      const workload = chain('plan', steps, {
        name: 'step',
        latency: constant(targetSeconds),
        draft: { latency: constant(draftSeconds), hitProbabilities: [right ? 1 : 0] },
      });
      const { total } = simulate(workload, {
        seed,
        runs: 1,
        policy: launchPolicy(`isp:k=${k}`),
        depth: 'block',
        maxDepth: Infinity,
      });
      return { label: `N ${steps}, k ${k}, ${right ? 'best' : 'worst'}`, parameters, observed: total.seconds };
    }),
});

function lastBlock(steps: number, a: number, b: number): number {
  return steps === 0 ? 0 : (steps - 1) * b + a;
}

interface Decoding {
  acceptance: number;
  drafted: number;
  /** Time of one draft, in runs of the target. */
  draftCost: number;
}

const TOKENS = 2_000;

/**
 * Speculative decoding, Leviathan et al.: gamma tokens are drafted, then one run of the target checks them all. As a pipeline: a token that
 * was not drafted waits for the drafts and the run; the drafted ones behind it are launched with the run.
 */
export const speculativeDecoding = closedForm<Decoding>({
  name: 'speculative-decoding',
  title: 'speculative decoding: speed-up (1 - a^(g+1)) / ((1 - a)(g c + 1))',
  origin: 'peer',
  form: ({ acceptance: a, drafted: g, draftCost: c }) => (1 - a ** (g + 1)) / ((1 - a) * (g * c + 1)),
  planted: {
    'the token of the target itself is forgotten': ({ acceptance: a, drafted: g, draftCost: c }) =>
      (1 - a ** g) / ((1 - a) * (g * c + 1)),
    'drafts are free': ({ acceptance: a, drafted: g }) => (1 - a ** (g + 1)) / (1 - a),
  },
  simulate: (setting) =>
    [
      { acceptance: 0.8, drafted: 5, draftCost: 0.05 },
      { acceptance: 0.6, drafted: 3, draftCost: 0.1 },
      { acceptance: 0.9, drafted: 8, draftCost: 0.02 },
    ].map((parameters) => {
      const runs = times(20, setting);
      const { total } = simulate(dealtWithinRun(tokens(parameters)), {
        seed: setting.seed,
        runs,
        policy: always,
        depth: 'block',
        maxDepth: parameters.drafted,
      });
      const { acceptance, drafted } = parameters;
      return {
        label: `a ${acceptance}, gamma ${drafted}`,
        parameters,
        observed: (runs * TOKENS) / total.seconds,
      };
    }),
});

function tokens({ acceptance, drafted, draftCost }: Decoding): Workload {
  const draftSeconds = drafted * draftCost;
  const free = { inputUsd: 0, outputUsd: 0 };
  return {
    name: 'decoding',
    draw: (_run, random) => ({
      operations: Array.from({ length: TOKENS }, (_, index): OperationDraw => {
        const right = random() < acceptance;
        return {
          name: 'token',
          after: index === 0 ? [] : [index - 1],
          call: { latencySeconds: draftSeconds + 1, ...free },
          launched: { latencySeconds: 1, ...free },
          drafts: [
            {
              source: 'draft',
              latencySeconds: draftSeconds,
              launchedLatencySeconds: 0,
              ...free,
              candidates: [{ rank: 0, right, trueProbability: acceptance }],
            },
          ],
          candidates: 'exclusive',
          declared: READS_ONLY,
          expected: { latencySeconds: [1], cost: { kind: 'fixed', usd: 0 } },
        };
      }),
    }),
  };
}
