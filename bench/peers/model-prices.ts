import type { TokenRates } from '../../speculation/decision/tokens';

/** GPT-4.1-mini as published, US dollars per million tokens. */
export const GPT_4_1_MINI: TokenRates = {
  inputUsdPerMillion: 0.4,
  cachedInputUsdPerMillion: 0.1,
  outputUsdPerMillion: 1.6,
};
