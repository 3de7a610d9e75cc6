export interface ScoreOutcome {
  score: number;
  right: boolean;
}

export interface ReliabilityStep {
  leastScore: number;
  hits: number;
  total: number;
}

/** Fewer outcomes than this say nothing of their own. */
const LEAST_OUTCOMES = 30;

/**
 * What came true of forecasts by their score, best first: isotonic regression (pool adjacent violators), in which a better score never has a
 * lower share of hits, over steps of at least 30 outcomes.
 */
export function reliabilityOf(outcomes: readonly ScoreOutcome[]): ReliabilityStep[] {
  const sorted = [...outcomes].sort((left, right) => right.score - left.score);
  const steps: ReliabilityStep[] = [];
  let index = 0;
  while (index < sorted.length) {
    let [hits, total, leastScore] = [0, 0, 0];
    while (index < sorted.length && (total < LEAST_OUTCOMES || sorted[index]?.score === leastScore)) {
      const outcome = sorted[index] as ScoreOutcome;
      total += 1;
      hits += outcome.right ? 1 : 0;
      leastScore = outcome.score;
      index += 1;
    }
    steps.push({ leastScore, hits, total });
    for (;;) {
      const [above, last] = [steps.at(-2), steps.at(-1)];
      const short = last !== undefined && last.total < LEAST_OUTCOMES;
      if (above === undefined || last === undefined || (!short && last.hits * above.total < above.hits * last.total))
        break;
      steps.splice(-2, 2, {
        leastScore: last.leastScore,
        hits: above.hits + last.hits,
        total: above.total + last.total,
      });
    }
  }
  return steps;
}

/** The outcomes of forecasts with such a score; null without any. */
export function outcomesAt(steps: readonly ReliabilityStep[], score: number): { hits: number; total: number } | null {
  const step = steps.find(({ leastScore }) => score >= leastScore) ?? steps.at(-1);
  return step === undefined ? null : { hits: step.hits, total: step.total };
}
