/** What a provider charged for one request, as its usage export says. */
export interface UsageRow {
  /** Where in the export it stands, for a reader: `line 7`, `item 3`. */
  place: string;
  /** The provider's id of the request. */
  requestId: string | null;
  /** The client's own id (`x-client-request-id`), where the export has it. */
  clientRequestId: string | null;
  /** Empty where the export does not say. */
  model: string;
  /** Null where the export counts no tokens. */
  tokens: RowTokens | null;
  /** US dollars, a decimal string; null where the export has no money. */
  costUsd: string | null;
  startedAtMs: number | null;
}

/** Null where the export does not say; then it is not compared. */
export interface RowTokens {
  /** All prompt tokens, cached ones and ones written to the cache included. */
  inputTokens: number;
  cachedInputTokens: number | null;
  cacheWriteTokens: number | null;
  outputTokens: number;
}
