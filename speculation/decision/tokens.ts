/** Token counts of one model call, as OpenAI-compatible providers report them. */
export interface TokenCounts {
  /** All prompt tokens, cached ones and ones written to the cache included. */
  inputTokens: number;
  /** The part of `inputTokens` that was read from the provider's prompt cache. */
  cachedInputTokens: number;
  outputTokens: number;
  /** Another part of `inputTokens`: written to the prompt cache, where the provider reports it. @default 0 */
  cacheWriteTokens?: number;
  /** The part of `outputTokens` that was a predicted output and was not said; billed as output. @default 0 */
  rejectedPredictionTokens?: number;
}

/** Price of one model, US dollars per million tokens. */
export interface TokenRates {
  inputUsdPerMillion: number;
  cachedInputUsdPerMillion: number;
  outputUsdPerMillion: number;
  /** @default the price of other input */
  cacheWriteUsdPerMillion?: number;
  /** @default the price of other output */
  rejectedPredictionUsdPerMillion?: number;
}

/** Tokens of each kind that has a price of its own; no token is in two kinds. */
export interface PricedTokens {
  plainInput: number;
  cachedInput: number;
  cacheWrite: number;
  plainOutput: number;
  rejectedPrediction: number;
}

/** Takes the parts out of the wholes, so that each token is priced once. */
export function pricedTokens(tokens: TokenCounts): PricedTokens {
  const { inputTokens, cachedInputTokens, outputTokens, cacheWriteTokens = 0, rejectedPredictionTokens = 0 } = tokens;
  return {
    plainInput: inputTokens - cachedInputTokens - cacheWriteTokens,
    cachedInput: cachedInputTokens,
    cacheWrite: cacheWriteTokens,
    plainOutput: outputTokens - rejectedPredictionTokens,
    rejectedPrediction: rejectedPredictionTokens,
  };
}

/** The rates with their defaults filled in. */
export function completeRates(rates: TokenRates): Required<TokenRates> {
  return {
    inputUsdPerMillion: rates.inputUsdPerMillion,
    cachedInputUsdPerMillion: rates.cachedInputUsdPerMillion,
    outputUsdPerMillion: rates.outputUsdPerMillion,
    cacheWriteUsdPerMillion: rates.cacheWriteUsdPerMillion ?? rates.inputUsdPerMillion,
    rejectedPredictionUsdPerMillion: rates.rejectedPredictionUsdPerMillion ?? rates.outputUsdPerMillion,
  };
}

/**
 * C_spec of a model call, US dollars: n_in * r_in + n_out * r_out (method, D2), with cached input, cache writes and rejected
 * predictions at their own rates. For decisions only; what is booked is priced exactly by the ledger.
 */
export function tokensCostUsd(tokens: TokenCounts, rates: TokenRates): number {
  const cacheWriteTokens = tokens.cacheWriteTokens ?? 0;
  const rejectedPredictionTokens = tokens.rejectedPredictionTokens ?? 0;
  // Written out, without objects in between: this runs for every decision.
  return (
    ((tokens.inputTokens - tokens.cachedInputTokens - cacheWriteTokens) * rates.inputUsdPerMillion +
      tokens.cachedInputTokens * rates.cachedInputUsdPerMillion +
      (tokens.outputTokens - rejectedPredictionTokens) * rates.outputUsdPerMillion +
      cacheWriteTokens * (rates.cacheWriteUsdPerMillion ?? rates.inputUsdPerMillion) +
      rejectedPredictionTokens * (rates.rejectedPredictionUsdPerMillion ?? rates.outputUsdPerMillion)) /
    1e6
  );
}
