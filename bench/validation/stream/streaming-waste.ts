import type { TokenRates } from '../../../speculation/decision/tokens';
import { always } from '../../../speculation/policies/always';
import { constant } from '../../simulator/distribution';
import { pipeline } from '../../simulator/pipeline';
import { simulate } from '../../simulator/simulate';
import { Comparison } from '../comparison';
import { experiment } from '../experiment';

/** A ten-millionth of a cent. */
const TOLERANCE_USD = 1e-9;
/** f = 0: the launch has begun, and nothing of its output is there. */
const JUST_BEGUN = 1e-9;
const SHARES = [0, 0.1, 0.25, 0.5, 0.75, 1];

interface Price {
  inputTokens: number;
  outputTokens: number;
  rates: TokenRates;
}

/** The worked fixture of method 11 (ours, chosen to satisfy the AutoReply ratio), and one with a long prompt. */
const PRICES: readonly Price[] = [
  { inputTokens: 500, outputTokens: 800, rates: rates(3, 15) },
  { inputTokens: 119_000, outputTokens: 214, rates: rates(3, 15) },
  { inputTokens: 40, outputTokens: 12_000, rates: rates(1.25, 10) },
];

/** What a launch costs that is cancelled when a share f of its output is there. */
type WasteForm = (price: Price, share: number) => number;

/**
 * Method 6 and 11, "streaming cancellation": a wrong guess is refuted while its operation streams, and the launch on it is cancelled in the
 * middle of its own output. The paper's formula is not known; this one is forced by separate rates.
 */
export const streamingWaste = experiment<WasteForm>({
  name: 'streaming-waste',
  title: 'waste of a launch cancelled at f of its output is input + f * output; monotone, never above C',
  origin: 'method',
  tolerance: TOLERANCE_USD,
  subject: ({ inputTokens, outputTokens, rates: { inputUsdPerMillion, outputUsdPerMillion } }, share) =>
    (inputTokens * inputUsdPerMillion + share * outputTokens * outputUsdPerMillion) / 1e6,
  planted: {
    'input cost left out': ({ outputTokens, rates: { outputUsdPerMillion } }, share) =>
      (share * outputTokens * outputUsdPerMillion) / 1e6,
    'output at the input rate': ({ inputTokens, outputTokens, rates: { inputUsdPerMillion } }, share) =>
      ((inputTokens + share * outputTokens) * inputUsdPerMillion) / 1e6,
    'a cancelled call costs all': ({ inputTokens, outputTokens, rates: each }) =>
      (inputTokens * each.inputUsdPerMillion + outputTokens * each.outputUsdPerMillion) / 1e6,
  },
  prepare: ({ seed }) => {
    const observed = PRICES.map((price) => SHARES.map((share) => ({ share, wasteUsd: wasteOf(price, share, seed) })));
    return (form) => {
      const comparison = new Comparison(TOLERANCE_USD, 'absolute');
      for (const [index, price] of PRICES.entries()) {
        let last = 0;
        for (const { share, wasteUsd } of observed[index] ?? []) {
          comparison.add(`f ${share}`, form(price, share), wasteUsd);
          comparison.law(wasteUsd >= last && wasteUsd <= form(price, 1) + TOLERANCE_USD);
          last = wasteUsd;
        }
      }
      return comparison.findings({
        x: 'share of the output at cancel',
        y: 'waste, dollars',
        series: PRICES.slice(0, 1).flatMap((price, index) => [
          {
            name: 'input + f * output',
            mark: 'line' as const,
            points: SHARES.map((share): [number, number] => [share, form(price, share)]),
          },
          {
            name: 'simulated',
            mark: 'dot' as const,
            points: (observed[index] ?? []).map(({ share, wasteUsd }): [number, number] => [share, wasteUsd]),
          },
        ]),
      });
    };
  },
});

function wasteOf({ inputTokens, outputTokens, rates: each }: Price, share: number, seed: number): number {
  const seconds = constant(10);
  const { total } = simulate(
    pipeline('stream', [
      {
        name: 'u',
        latency: seconds,
        draft: { latency: constant(0), hitProbabilities: [0], refutedAtShare: constant(Math.max(share, JUST_BEGUN)) },
      },
      {
        name: 'v',
        latency: seconds,
        price: {
          kind: 'tokens',
          inputTokens: constant(inputTokens),
          outputTokens: constant(outputTokens),
          rates: each,
        },
      },
    ]),
    { seed, runs: 1, policy: always },
  );
  return total.wasteUsd;
}

function rates(inputUsdPerMillion: number, outputUsdPerMillion: number): TokenRates {
  return { inputUsdPerMillion, cachedInputUsdPerMillion: inputUsdPerMillion / 10, outputUsdPerMillion };
}
