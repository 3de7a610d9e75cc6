/** What became of a decision, as far as it is known by now. */
export interface DecisionOutcome {
  /** How the newest forecast that the decision rests on compared with the real output; null while that is not known. */
  forecast: 'right' | 'equivalent' | 'wrong' | null;
  /** What became of the launch; null when nothing was launched. */
  launch: 'open' | 'claimed' | 'cancelled' | 'failed' | null;
  /** Real cost of the launch or the draft so far, US dollars, exact; null when nothing was started. */
  costUsd: string | null;
  /** Time that the claimed launch saved, seconds; null unless it was claimed. */
  savedSeconds: number | null;
  /** lambda * savedSeconds of a claimed launch, minus its cost of a wasted one, US dollars; null until either is known. */
  realisedValueUsd: number | null;
}
