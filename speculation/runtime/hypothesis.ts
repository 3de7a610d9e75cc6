import { canonicalJson } from '../forecast/canonical-json';
import type { Forecast } from '../forecast/forecast';
import type { Operation } from './operation';

/** A forecast that a fiber assumes to be the output of an operation. */
export class Hypothesis {
  state: 'open' | 'confirmed' | 'refuted' = 'open';
  readonly digest: string;
  /** Activity types that were asked for under this hypothesis: the edges that its outcome teaches. */
  readonly askedFor = new Set<string>();

  constructor(
    readonly operation: Operation,
    readonly forecast: Forecast,
  ) {
    this.digest = canonicalJson(forecast.value);
  }

  get key(): string {
    return `${this.forecast.source}#${this.forecast.rank}`;
  }

  /** Success is an exact match of the assumed and the real output (tier 1 of the method). */
  settle(): boolean {
    const { outcome } = this.operation;
    const right = outcome.state === 'resolved' && canonicalJson(outcome.value) === this.digest;
    this.state = right ? 'confirmed' : 'refuted';
    return right;
  }
}
