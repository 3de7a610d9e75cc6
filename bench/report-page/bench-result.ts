import type { PolicyComparison } from '../measure/policy-comparison';

/** What came of one benchmark. */
export interface BenchResult {
  /** As the command line has it. */
  name: string;
  summary: string;
  /** `missed`: it ran, and something that must hold does not. `no data`: recorded texts are not there. */
  status: 'held' | 'missed' | 'no data' | 'failed';
  /** Its tables, as a terminal shows them. */
  text: string;
  /** Missed targets; or why it could not run, and the way out. */
  problems: string[];
  comparisons: PolicyComparison[];
  /** What `--report` writes; null where it could not run. */
  report: object | null;
}

/** Where, when and how all of it was measured. */
export interface BenchContext {
  /** For people, such as `2026-03-01 10:20 UTC`. */
  date: string;
  command: string;
  seed: number;
  machine: string;
  versions: Record<string, string>;
}
