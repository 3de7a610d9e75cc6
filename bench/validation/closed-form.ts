import { Comparison } from './comparison';
import { experiment, type Experiment, type Origin, type Setting } from './experiment';
import type { PlotSpec } from './plot-spec';

/** What the issue allows: the simulator is within 1 % of every closed form. */
export const ONE_PERCENT = 0.01;

/** A case of a closed form with what the simulator says. */
export interface Simulated<Parameters> {
  label: string;
  parameters: Parameters;
  observed: number;
}

/** The same with what the formula says. */
export interface FormCase {
  label: string;
  /** As published. */
  printed: number;
  /** As it holds. */
  corrected: number;
  simulated: number;
}

/** An experiment on a formula, which can also tell its cases one by one. */
export interface ClosedFormExperiment extends Experiment {
  readonly title: string;
  /** The formula was published in another form, which does not hold. */
  readonly misprinted: boolean;
  cases: (setting: Setting) => FormCase[];
}

export interface ClosedForm<Parameters> {
  name: string;
  title: string;
  origin: Origin;
  /** Relative. @default 1 % */
  tolerance?: number;
  form: (parameters: Parameters) => number;
  /** The form as published, where it does not hold. @default `form` */
  printed?: (parameters: Parameters) => number;
  /** Forms that the simulator must contradict. */
  planted: Readonly<Record<string, (parameters: Parameters) => number>>;
  simulate: (setting: Setting) => Simulated<Parameters>[];
  /** @default expected against observed */
  plot?: (form: (parameters: Parameters) => number, cases: readonly Simulated<Parameters>[]) => PlotSpec;
}

/** An experiment that compares the simulator with a formula. The planted mistakes are other formulas. */
export function closedForm<Parameters>(spec: ClosedForm<Parameters>): ClosedFormExperiment {
  const tolerance = spec.tolerance ?? ONE_PERCENT;
  const { title, form, printed = form } = spec;
  const tested = experiment<(parameters: Parameters) => number>({
    name: spec.name,
    title: spec.title,
    origin: spec.origin,
    tolerance,
    subject: spec.form,
    planted: spec.planted,
    prepare: (setting) => {
      const simulated = spec.simulate(setting);
      return (form) => {
        const comparison = new Comparison(tolerance);
        for (const { label, parameters, observed } of simulated) comparison.add(label, form(parameters), observed);
        return comparison.findings(spec.plot?.(form, simulated));
      };
    },
  });
  return {
    ...tested,
    title,
    misprinted: printed !== form,
    cases: (setting) =>
      spec.simulate(setting).map(({ label, parameters, observed }) => ({
        label,
        printed: printed(parameters),
        corrected: form(parameters),
        simulated: observed,
      })),
  };
}
