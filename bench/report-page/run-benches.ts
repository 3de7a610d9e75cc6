import type { ExperimentOptions, RunExperiment } from '../measure/experiment';
import { MissingDataError } from '../measure/recorded-data';
import type { BenchResult } from './bench-result';
import { checkedComparison, InvalidComparisonError } from './checked-comparison';

/** A benchmark that is loaded when it is run. */
export interface Bench {
  name: string;
  summary: string;
  load: () => RunExperiment;
}

/**
 * Runs benchmarks one after the other, and goes on where one cannot run.
 *
 * @param after told each result as soon as it is there, so that nothing is lost if a later one takes the process with it
 */
export async function runBenches(
  benches: readonly Bench[],
  options: ExperimentOptions,
  after: (result: BenchResult, all: readonly BenchResult[]) => Promise<void>,
): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const bench of benches) {
    const result = await runBench(bench, options).catch((error: unknown) => notRun(bench, error, options));
    results.push(result);
    await after(result, results);
  }
  return results;
}

/**
 * Runs one. A comparison that cannot be shown is a missed target, so that the other figures are not lost.
 *
 * @throws what the benchmark throws, such as MissingDataError
 */
export async function runBench({ name, summary, load }: Bench, options: ExperimentOptions): Promise<BenchResult> {
  const { text, report, problems: missed, comparisons: all = [] } = await load()(options);
  const problems = [...missed];
  const comparisons = all.filter((comparison) => {
    try {
      return checkedComparison(comparison, name) === comparison;
    } catch (error) {
      if (!(error instanceof InvalidComparisonError)) throw error;
      problems.push(error.message);
      return false;
    }
  });
  return { name, summary, status: problems.length === 0 ? 'held' : 'missed', text, problems, comparisons, report };
}

function notRun({ name, summary }: Bench, error: unknown, { say }: ExperimentOptions): BenchResult {
  const isData = error instanceof MissingDataError;
  if (!isData && error instanceof Error && error.stack !== undefined) say(error.stack);
  return {
    name,
    summary,
    status: isData ? 'no data' : 'failed',
    text: '',
    problems: [error instanceof Error ? error.message : String(error)],
    comparisons: [],
    report: null,
  };
}
