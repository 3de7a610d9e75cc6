import type { Findings } from './experiment';
import { agreement, type PlotSpec } from './plot-spec';

export interface ComparedCase {
  label: string;
  expected: number;
  observed: number;
  error: number;
}

/** Expected against observed numbers, with the same tolerance for all. */
export class Comparison {
  readonly cases: ComparedCase[] = [];
  private broken = 0;
  private laws = 0;

  constructor(
    private readonly tolerance: number,
    private readonly kind: 'relative' | 'absolute' = 'relative',
  ) {}

  add(label: string, expected: number, observed: number): void {
    const distance = Math.abs(observed - expected);
    const error = this.kind === 'absolute' || expected === 0 ? distance : distance / Math.abs(expected);
    this.cases.push({ label, expected, observed, error: Number.isNaN(error) ? Infinity : error });
  }

  /** Something that has to be true, whatever the tolerance. */
  law(holds: boolean): void {
    this.laws += 1;
    if (!holds) this.broken += 1;
  }

  /** @param plot @default expected against observed */
  findings(plot: PlotSpec = agreement(this.cases)): Findings {
    const shown = this.cases.slice(0, SHOWN);
    const more = this.cases.length > SHOWN ? ' ..' : '';
    return {
      cases: this.cases.length + this.laws,
      mismatches: this.broken + this.cases.filter(({ error }) => !(error <= this.tolerance)).length,
      worstError: this.cases.reduce((worst, { error }) => Math.max(worst, error), 0),
      expected: shown.map(({ expected }) => figure(expected)).join(' / ') + more,
      observed: shown.map(({ observed }) => figure(observed)).join(' / ') + more,
      plot,
    };
  }
}

const SHOWN = 3;

/** Four digits that count. */
export function figure(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}
