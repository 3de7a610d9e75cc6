import { empirical, gamma } from '../../simulator/distribution';
import { pipeline, type OperationSpec } from '../../simulator/pipeline';
import { randomStream } from '../../simulator/random-stream';
import type { Workload } from '../../simulator/run-draw';
import { GPT_4_1_MINI } from '../model-prices';

/** How often the forecaster names the call that the model makes in the end, in each turn of an agent. */
export const HIT_RATES = [0.1, 0.125, 0.15, 0.175, 0.2] as const;

/** Model calls that the provider runs at the same time for this customer. */
export const PROVIDER_SLOTS = 6;

/** Every so many seconds a run starts: five turns of 25 s keep 70 % of the slots busy. */
const ARRIVAL_SECONDS = 30;

/**
 * peers.md 10, H4: turns of a model (20 to 30 s) and a tool (1 to 9 s), and a forecaster of 11 s that is right in 10 to 20 of 100 turns. It is
 * a model call itself, on the same context and from the same provider, whose calls share a limit. The tool is a search that costs half a
 * cent. What follows the tool is not forecast: a tool has answered before a forecaster has.
 */
export function noGoWorkload(): Workload {
  const turns = HIT_RATES.flatMap((hitRate, index): OperationSpec[] => [
    {
      name: `think ${index + 1}`,
      latency: empirical([20, 30]),
      price: {
        kind: 'tokens',
        inputTokens: gamma({ mean: 8_000, shape: 20 }),
        outputTokens: gamma({ mean: 1_200, shape: 20 }),
        rates: GPT_4_1_MINI,
      },
      pool: 'provider',
      copies: 1,
      draft: {
        latency: gamma({ mean: 11, shape: 50 }),
        price: {
          kind: 'tokens',
          inputTokens: gamma({ mean: 8_000, shape: 20 }),
          outputTokens: gamma({ mean: 300, shape: 20 }),
          rates: GPT_4_1_MINI,
        },
        hitProbabilities: [hitRate],
        pool: 'provider',
      },
    },
    { name: `search ${index + 1}`, latency: empirical([1, 9]), price: { kind: 'fixed', usd: 0.005 } },
  ]);
  return pipeline('no-go', turns);
}

/** Runs that start at random, on average every `ARRIVAL_SECONDS`. */
export function arrivals(seed: number, runs: number): (run: number) => number {
  const random = randomStream(seed, 'arrivals');
  let atSeconds = 0;
  const starts = Array.from({ length: runs }, () => (atSeconds += -ARRIVAL_SECONDS * Math.log1p(-random())));
  return (run) => starts[run] ?? 0;
}
