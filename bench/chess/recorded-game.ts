/** A call of a model as it was recorded. */
export interface RecordedCall {
  seconds: number;
  inputTokens: number;
  outputTokens: number;
  /** As billed. */
  totalTokens: number;
}

/** A call of the fast agent: its guesses at the slow agent's move, best first. */
export interface GuessCall extends RecordedCall {
  moves: readonly string[];
}

/** How many guesses a call of the fast agent gives. */
export type Breadth = 1 | 2 | 3;

/** One move of the slow agent, and what the fast agent had guessed. */
export interface RecordedStep {
  game: string;
  /** From 0. */
  step: number;
  actor: RecordedCall;
  /** In the notation of UCI, such as `e2e4`. */
  move: string;
  guesses: Readonly<Record<Breadth, GuessCall>>;
  /** Guesses with how sure the fast agent said it was, 0 to 1, in a call of its own. Its tokens were not recorded. */
  stated: { moves: readonly string[]; confidences: readonly number[]; seconds: number };
}

export interface RecordedGame {
  id: string;
  steps: readonly RecordedStep[];
}
