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
