import { LearnedBeliefs, type Guess } from '../../simulator/beliefs';

/*
 * Mistakes in an estimate that the experiments have to notice.
 */

type Belief = ReturnType<LearnedBeliefs['probabilityOf']>;

/** Stays with its prior. */
export class NeverLearns extends LearnedBeliefs {
  override observe(): void {
    // What was seen makes no difference.
  }
}

/** Sees only every other failure. */
export class OverlooksFailures extends LearnedBeliefs {
  private failures = 0;

  override observe(guess: Guess, right: boolean): void {
    if (!right && this.failures++ % 2 === 1) return;
    super.observe(guess, right);
  }
}

/** Surer than what was seen makes it, as verbal confidences of models are. */
export class Overconfident extends LearnedBeliefs {
  override probabilityOf(guess: Guess): Belief {
    const belief = super.probabilityOf(guess);
    return { ...belief, probability: Math.sqrt(belief.probability) };
  }
}
