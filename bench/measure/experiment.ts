import type { PolicyComparison } from './policy-comparison';

/** What a bench of the command line is told. */
export interface ExperimentOptions {
  /** How often each setting is measured. @default the experiment's own */
  runs?: number;
  seed: number;
  /** Folder with recorded texts (`taubench-airline`). @default RUNAHEAD_DATA, else `shared/data` here or beside this folder */
  data?: string;
  /** Only what takes seconds: fewer units, no real server where the simulator says the same. @default false */
  quick?: boolean;
  /** The Temporal server, for benches that measure the server as well. @default TEMPORAL_ADDRESS, else one of their own */
  server?: { address?: string; namespace?: string };
  /** Told how far it is, one line each. */
  say: (line: string) => void;
}

/** What a bench of the command line found out. */
export interface ExperimentOutcome {
  /** For people: tables. */
  text: string;
  /** The same as JSON. Dollars are exact decimal strings. */
  report: object;
  /** The same for the page of all benchmarks. @default it compares no policies */
  comparisons?: PolicyComparison[];
  /** What should not be, one line each; empty is good. */
  problems: string[];
}

export type RunExperiment = (options: ExperimentOptions) => Promise<ExperimentOutcome>;
