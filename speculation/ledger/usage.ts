import type { TokenCounts, TokenRates } from '../decision/tokens';

/** One bill: what one request to a model (or one fixed-price call) consumed and cost. Recorded by the activity that made it. */
export interface UsageRecord {
  /** The provider's own id of the request, so that books and invoice can be compared line by line. */
  requestId: string;
  /** Model name, or `fixed` for a call with a fixed price. */
  model: string;
  tokens: TokenCounts;
  /** The rates that were applied; null for a fixed price. */
  rates: TokenRates | null;
  /** US dollars as an exact decimal string. */
  costUsd: string;
  /** True when the provider did not report usage (a stream that was cut off) and the tokens were counted locally. */
  estimated: boolean;
  /** 1 for the first attempt of the activity. */
  attempt: number;
  /** The client's own id of the request (`x-client-request-id`), where it is not the same as `requestId`. */
  clientRequestId?: string;
  /**
   * The attempt was lost (its worker died) before it could say what it consumed: what it can be expected to have consumed is set aside, as
   * an estimate, until the provider's bill says.
   */
  lost?: true;
}
