import type { ExperimentOptions, RunExperiment } from '../measure/experiment';
import { MissingDataError } from '../measure/recorded-data';
import type { BenchResult } from './bench-result';
import { checkedComparison } from './checked-comparison';

/** A benchmark that is loaded when it is run. */
export interface Bench {
  summary: string;
  load: () => RunExperiment;
}

/**
 * Runs benchmarks one after the other, and goes on where one cannot run.
 *
 * @param after told each result as soon as it is there
 */
export async function runBenches(
  benches: readonly (Bench & { name: string })[],
  options: ExperimentOptions,
  after: (result: BenchResult) => Promise<void>,
): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const bench of benches) {
    const result = await runOne(bench, options);
    results.push(result);
    await after(result);
  }
  return results;
}

async function runOne(
  { name, summary, load }: Bench & { name: string },
  options: ExperimentOptions,
): Promise<BenchResult> {
  try {
    const { text, report, problems, comparisons = [] } = await load()(options);
    const status = problems.length === 0 ? 'held' : 'missed';
    return {
      name,
      summary,
      status,
      text,
      problems,
      comparisons: comparisons.map((comparison) => checkedComparison(comparison, name)),
      report,
    };
  } catch (error) {
    const status = error instanceof MissingDataError ? 'no data' : 'failed';
    const problem = error instanceof Error ? error.message : String(error);
    return { name, summary, status, text: '', problems: [problem], comparisons: [], report: null };
  }
}
