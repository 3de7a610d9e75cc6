import type { HypothesisProbability } from '../../speculation/decision/decision';
import { countOutcome, forecastProbability, type Outcomes } from '../../speculation/estimate/beta-posterior';
import { resolveDependency, type DependencyPrior } from '../../speculation/estimate/dependency-type';
import type { CandidateDraw, DraftDraw } from './run-draw';

/** A guess at the output of `upstream` that may let `downstream` start. */
export interface Guess {
  upstream: string;
  downstream: string;
  source: DraftDraw['source'];
  candidate: CandidateDraw;
}

/** Where decisions get their probabilities from. */
export interface Beliefs {
  readonly prior: Pick<DependencyPrior, 'type' | 'k'>;
  probabilityOf(guess: Guess): Pick<HypothesisProbability, 'a' | 'b' | 'counts' | 'probability'>;
  /** The real output is known. */
  observe(guess: Guess, right: boolean): void;
}

/** The project's own posterior: by edge, source and rank, from a prior. */
export class LearnedBeliefs implements Beliefs {
  private readonly observed = new Map<string, Outcomes>();

  /** @param prior @default `unknown`: mean 0.5, worth two observations */
  constructor(readonly prior: DependencyPrior = resolveDependency({ type: 'unknown' })) {}

  probabilityOf(guess: Guess): Pick<HypothesisProbability, 'a' | 'b' | 'counts' | 'probability'> {
    const counts = guess.candidate.counts ?? null;
    return { counts, ...forecastProbability(this.prior, this.observed.get(keyOf(guess)), counts) };
  }

  observe(guess: Guess, right: boolean): void {
    const key = keyOf(guess);
    const outcomes = this.observed.get(key) ?? { successes: 0, failures: 0 };
    countOutcome(outcomes, right);
    this.observed.set(key, outcomes);
  }
}

/** Knows how each guess was drawn: the best that any estimate can do. */
export const ORACLE: Beliefs = {
  prior: { type: 'oracle', k: null },
  probabilityOf: ({ candidate: { trueProbability, counts } }) => ({
    a: trueProbability,
    b: 1 - trueProbability,
    counts: counts ?? null,
    probability: trueProbability,
  }),
  observe: () => undefined,
};

function keyOf({ upstream, downstream, source, candidate }: Guess): string {
  return `${upstream}>${downstream} ${source}#${candidate.rank}`;
}
