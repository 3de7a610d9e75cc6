/** What a bench of the command line is told. */
export interface ExperimentOptions {
  /** How often each setting is measured. @default the experiment's own */
  runs?: number;
  seed: number;
  /** Told how far it is, one line each. */
  say: (line: string) => void;
}

/** What a bench of the command line found out. */
export interface ExperimentOutcome {
  /** For people: tables. */
  text: string;
  /** The same as JSON. Dollars are exact decimal strings. */
  report: object;
  /** What should not be, one line each; empty is good. */
  problems: string[];
}

export type RunExperiment = (options: ExperimentOptions) => Promise<ExperimentOutcome>;
