import type { TokenRates } from '../../speculation/decision/tokens';

export const TEST_MODEL = 'test-model';

/** Uneven on purpose: a mix-up of the rates, or of prompt and reply, shows in the dollars. */
export const TEST_RATES: TokenRates = {
  inputUsdPerMillion: 0.37,
  cachedInputUsdPerMillion: 0.11,
  outputUsdPerMillion: 1.3,
  cacheWriteUsdPerMillion: 0.53,
  rejectedPredictionUsdPerMillion: 0.71,
};
