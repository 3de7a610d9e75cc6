import type { PlotSpec } from './plot-spec';

/** Whose claim it is that an experiment checks. */
export type Origin =
  /** arXiv:2606.07846, or forced by what it prints. */
  | 'method'
  /** Another published system, as printed. */
  | 'peer'
  /** A published system's form as corrected by us. */
  | 'corrected'
  /** PROPOSED: ours alone. */
  | 'ours';

/** What all experiments are run with. */
export interface Setting {
  seed: number;
  /** Share of the full number of runs and seeds, above 0 to 1. Grids and exact checks are never reduced. */
  effort: number;
}

/** What one pass of an experiment found. */
export interface Findings {
  cases: number;
  /** Cases that are wrong, or off by more than the tolerance. */
  mismatches: number;
  /** Largest deviation, in the unit of the tolerance. */
  worstError: number;
  /** What should be, and what was seen: the figures that a reader looks for. */
  expected: string;
  observed: string;
  plot: PlotSpec;
}

/** A deliberately wrong rule, and what the experiment says of it. */
export interface PlantedOutcome {
  rule: string;
  caught: boolean;
  mismatches: number;
  worstError: number;
}

export interface ExperimentOutcome extends Findings {
  name: string;
  title: string;
  origin: Origin;
  tolerance: number;
  seed: number;
  planted: PlantedOutcome[];
  /** Every planted rule was caught. */
  plantedCaught: boolean;
  /** Nothing is off by more than the tolerance, and every planted rule was caught. */
  pass: boolean;
}

export interface Experiment {
  readonly name: string;
  run(setting: Setting): ExperimentOutcome;
}

export interface ExperimentSpec<Subject> {
  name: string;
  /** One line: what is checked, against what. */
  title: string;
  origin: Origin;
  tolerance: number;
  /** What is checked: the code that ships, or the closed form that the simulator has to meet. */
  subject: Subject;
  /** The same with a mistake. An experiment that does not notice proves nothing. At least one. */
  planted: Readonly<Record<string, Subject>>;
  /** Called once for each setting; gives what does not depend on the subject. */
  prepare: (setting: Setting) => (subject: Subject) => Findings;
}

/** An experiment that has to be passed by what it checks, and failed by each planted mistake. */
export function experiment<Subject>(spec: ExperimentSpec<Subject>): Experiment {
  const { name, title, origin, tolerance } = spec;
  const holds = ({ mismatches, worstError, cases }: Findings): boolean =>
    cases > 0 && mismatches === 0 && worstError <= tolerance;
  return {
    name,
    run: (setting) => {
      const measure = spec.prepare(setting);
      const findings = measure(spec.subject);
      const planted = Object.entries(spec.planted).map(([rule, subject]): PlantedOutcome => {
        const wrong = measure(subject);
        return { rule, caught: !holds(wrong), mismatches: wrong.mismatches, worstError: wrong.worstError };
      });
      const plantedCaught = planted.length > 0 && planted.every(({ caught }) => caught);
      return {
        name,
        title,
        origin,
        tolerance,
        seed: setting.seed,
        ...findings,
        planted,
        plantedCaught,
        pass: holds(findings) && plantedCaught,
      };
    },
  };
}

/** How often to repeat, at this effort. */
export function times(full: number, { effort }: Setting): number {
  return Math.max(1, Math.round(full * effort));
}
