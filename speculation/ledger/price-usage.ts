import type { TokenCounts, TokenRates } from '../decision/tokens';
import { completeRates, pricedTokens } from '../decision/tokens';
import { Usd } from './usd';

/** What a model call cost, US dollars, to the last digit: each token at the rate of its kind. */
export function priceUsage(tokens: TokenCounts, rates: TokenRates): string {
  const priced = pricedTokens(tokens);
  const rate = completeRates(rates);
  return new Usd(priced.plainInput)
    .times(rate.inputUsdPerMillion)
    .plus(new Usd(priced.cachedInput).times(rate.cachedInputUsdPerMillion))
    .plus(new Usd(priced.cacheWrite).times(rate.cacheWriteUsdPerMillion))
    .plus(new Usd(priced.plainOutput).times(rate.outputUsdPerMillion))
    .plus(new Usd(priced.rejectedPrediction).times(rate.rejectedPredictionUsdPerMillion))
    .dividedBy(1e6)
    .toFixed();
}

/** Exact sum of decimal strings, US dollars. */
export function sumUsd(amounts: readonly string[]): string {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Usd(0)).toFixed();
}
