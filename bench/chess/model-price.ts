import { tokensCostUsd, type TokenRates } from '../../speculation/decision/tokens';
import { PriceTable } from '../../speculation/plugin/price-table';
import type { RecordedCall } from './recorded-game';

/** Both agents: the slow one thinks much, the fast one little. */
export const CHESS_MODEL = 'gpt-5';

/** The provider's list price. The recording has tokens and no dollars. */
export const CHESS_RATES: TokenRates = new PriceTable().ratesFor(CHESS_MODEL);

/** What a recorded call costs by list price, US dollars: due when it starts, and by and by. */
export function callPrice({ inputTokens, outputTokens }: RecordedCall): { inputUsd: number; outputUsd: number } {
  return {
    inputUsd: tokensCostUsd({ inputTokens, cachedInputTokens: 0, outputTokens: 0 }, CHESS_RATES),
    outputUsd: tokensCostUsd({ inputTokens: 0, cachedInputTokens: 0, outputTokens }, CHESS_RATES),
  };
}
