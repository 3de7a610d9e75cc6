/** Token counts of one model call, as OpenAI-compatible providers report them. */
export interface TokenCounts {
  /** All prompt tokens, cached ones included. */
  inputTokens: number;
  /** The part of `inputTokens` that was read from the provider's prompt cache. */
  cachedInputTokens: number;
  outputTokens: number;
}

/** Price of one model, US dollars per million tokens. */
export interface TokenRates {
  inputUsdPerMillion: number;
  cachedInputUsdPerMillion: number;
  outputUsdPerMillion: number;
}

/**
 * C_spec of a model call, US dollars: n_in * r_in + n_out * r_out (method, D2), with cached input at its own rate. For
 * decisions only; what is booked is priced exactly by the ledger.
 */
export function tokensCostUsd(tokens: TokenCounts, rates: TokenRates): number {
  const uncachedInputTokens = tokens.inputTokens - tokens.cachedInputTokens;
  return (
    (uncachedInputTokens * rates.inputUsdPerMillion +
      tokens.cachedInputTokens * rates.cachedInputUsdPerMillion +
      tokens.outputTokens * rates.outputUsdPerMillion) /
    1e6
  );
}
