import { comparisonTable } from '../measure/comparison-table';
import type { ExperimentOutcome } from '../measure/experiment';
import type { PolicyComparison } from '../measure/policy-comparison';

/** A comparison as the outcome of a bench. */
export function outcomeText(comparison: PolicyComparison, problems: string[]): ExperimentOutcome {
  return { text: comparisonTable(comparison), report: comparison, comparisons: [comparison], problems };
}
