/** Activity that compares a forecast with the real output: local for a function, an ordinary one where embeddings are asked for. */
export const EQUIVALENT_ACTIVITY = 'runaheadEquivalent';

/** Prefix of the activity ids of comparisons that are ordinary activities. */
export const JUDGE_PREFIX = 'judge-';

/** The authoritative run waits for the answer, so a comparison that takes longer than this counts as "not equivalent". */
export const JUDGE_TIMEOUT_MS = 2000;

export interface EquivalenceRequest {
  pipeline: string;
  /** The operation whose output was forecast. */
  activityType: string;
  forecast: unknown;
  actual: unknown;
}

export interface EquivalenceAnswer {
  equivalent: boolean;
  /** Cosine of the embeddings, or ROUGE-L; null where they were not needed, or a function decided. */
  similarity: number | null;
}
