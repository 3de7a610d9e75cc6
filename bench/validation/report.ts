import type { ExperimentOutcome } from './experiment';

/** What `runahead validate --report` writes. Figures without the points of the plots. */
export interface ValidationReport {
  seed: number;
  pass: boolean;
  seconds: number;
  experiments: Omit<ExperimentOutcome, 'plot'>[];
}

export function validationReport(
  outcomes: readonly ExperimentOutcome[],
  seed: number,
  seconds: number,
): ValidationReport {
  return {
    seed,
    pass: outcomes.every(({ pass }) => pass),
    seconds,
    experiments: outcomes.map(withoutPlot),
  };
}

/** As JSON, which has no Infinity: a deviation without bound is the largest number. */
export function reportText(report: ValidationReport): string {
  const finite = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? Number.MAX_VALUE : value;
  return `${JSON.stringify(report, finite, 2)}\n`;
}

function withoutPlot(outcome: ExperimentOutcome): Omit<ExperimentOutcome, 'plot'> {
  const figures: Partial<ExperimentOutcome> & Omit<ExperimentOutcome, 'plot'> = { ...outcome };
  delete figures.plot;
  return figures;
}
