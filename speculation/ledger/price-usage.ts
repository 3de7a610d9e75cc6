import type { TokenCounts, TokenRates } from '../decision/tokens';
import { Usd } from './usd';

/** What a model call cost, US dollars, to the last digit: uncached input, cached input and output, each at its rate. */
export function priceUsage(tokens: TokenCounts, rates: TokenRates): string {
  const uncachedInputTokens = new Usd(tokens.inputTokens).minus(tokens.cachedInputTokens);
  return uncachedInputTokens
    .times(rates.inputUsdPerMillion)
    .plus(new Usd(tokens.cachedInputTokens).times(rates.cachedInputUsdPerMillion))
    .plus(new Usd(tokens.outputTokens).times(rates.outputUsdPerMillion))
    .dividedBy(1e6)
    .toFixed();
}

/** Exact sum of decimal strings, US dollars. */
export function sumUsd(amounts: readonly string[]): string {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Usd(0)).toFixed();
}
