import type { ClosedFormExperiment, FormCase } from '../validation/closed-form';

/** A published formula beside what the simulator says of it. */
export interface MeasuredForm {
  name: string;
  title: string;
  misprinted: boolean;
  /** `simulated` is the mean over the seeds. */
  cases: FormCase[];
}

/** Simulates a formula's cases. @param effort share of the full number of runs */
export function measureForm(form: ClosedFormExperiment, seeds: readonly number[], effort: number): MeasuredForm {
  const { name, title, misprinted } = form;
  const perSeed = seeds.map((seed) => form.cases({ seed, effort }));
  const cases = (perSeed[0] ?? []).map((each, index) => ({
    ...each,
    simulated: perSeed.reduce((sum, cases) => sum + (cases[index]?.simulated ?? NaN), 0) / seeds.length,
  }));
  return { name, title, misprinted, cases };
}

/** By how much of a formula's value the simulator is above it; negative is below. */
export function deviation(formula: number, simulated: number): number {
  return formula === 0 ? simulated : (simulated - formula) / Math.abs(formula);
}

/**
 * What should not be, one line each: a form that does not hold, or a misprint that does.
 *
 * @param tolerance relative
 */
export function problemsOf({ name, misprinted, cases }: MeasuredForm, tolerance: number): string[] {
  const off = cases.filter(({ corrected, simulated }) => !(Math.abs(deviation(corrected, simulated)) <= tolerance));
  const problems = off.map(
    ({ label, corrected, simulated }) =>
      `${name}, ${label}: simulated ${simulated}, which is not within ${100 * tolerance} % of ${corrected}`,
  );
  const asPrinted = cases.every(({ printed, simulated }) => Math.abs(deviation(printed, simulated)) <= tolerance);
  if (misprinted && asPrinted) problems.push(`${name}: the printed form holds as well, so there is nothing to correct`);
  return problems;
}
