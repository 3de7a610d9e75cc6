import type { EdgePrediction } from '../estimate/observation';
import { canonicalJson } from '../forecast/canonical-json';
import type { Forecast } from '../forecast/forecast';
import type { Operation } from './operation';

/** A forecast that a fiber assumes to be the output of an operation. */
export class Hypothesis {
  /** `withdrawn`: news from the output's own stream say that it cannot come true; the output itself has the last word. */
  state: 'open' | 'withdrawn' | 'confirmed' | 'refuted' = 'open';
  /** What a comparison found out about a refuted one: not exactly right may be equivalent (tier 2 of the method). */
  judgement: 'none' | 'pending' | 'equivalent' | 'different' = 'none';
  #digest: string | null = null;
  /**
   * Activity types that were asked for under this hypothesis, with what was expected: the edges that its outcome teaches. Null where
   * the call was under way already, so that nothing had to be decided.
   */
  readonly askedFor = new Map<string, EdgePrediction | null>();

  /** The worlds in which a fiber was started on it. */
  readonly worlds: (readonly Hypothesis[])[] = [];

  constructor(
    readonly operation: Operation,
    readonly forecast: Forecast,
  ) {}

  /** The forecast as canonical JSON. */
  get digest(): string {
    return (this.#digest ??= canonicalJson(this.forecast.value));
  }

  get key(): string {
    return `${this.forecast.source}#${this.forecast.rank}`;
  }

  /** Refuted, and yet equivalent to the real output by the declared comparison. */
  get equivalent(): boolean {
    return this.judgement === 'equivalent';
  }

  /** Whether the edge to an activity type takes an equivalent forecast for the real output. */
  acceptedBy(activityType: string): boolean {
    const { briefing } = this.operation;
    if (this.forecast.source === 'stream' || briefing?.equivalence === undefined) return false;
    return briefing.downstream[activityType]?.acceptsEquivalent === true;
  }

  /** Whether it was not exactly right, and may still serve a launch of this activity type by being equivalent. */
  comparableFor(activityType: string): boolean {
    const resolved = this.operation.outcome.state === 'resolved';
    return this.state === 'refuted' && resolved && this.judgement !== 'different' && this.acceptedBy(activityType);
  }

  /** Success is an exact match of the assumed and the real output (tier 1 of the method). */
  settle(): boolean {
    const { outcome } = this.operation;
    const right = outcome.state === 'resolved' && this.isRightFor(outcome.value);
    this.state = right ? 'confirmed' : 'refuted';
    return right;
  }

  protected isRightFor(value: unknown): boolean {
    return canonicalJson(value) === this.digest;
  }
}
