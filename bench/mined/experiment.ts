import { comparisonTable } from '../measure/comparison-table';
import type { ExperimentOptions, ExperimentOutcome, RunExperiment } from '../measure/experiment';
import { percentile } from '../measure/percentile';
import type { PolicyComparison } from '../measure/policy-comparison';
import { recordedFile } from '../measure/recorded-data';
import { calibrationError, hitRate, reliabilityBins } from './forecast-grades';
import { FORECASTERS, TOP, type Lesson } from './forecaster';
import { calibrationTable, forecasterTable, precisionTable, toolTable, type GradedForecaster } from './grade-tables';
import { forecastTask } from './leave-one-task-out';
import { readConversations, toSession } from './read-conversations';

const QUICK_TASKS = 5;

/** What is to be reached by the mined forecasts over all tasks. */
const TARGETS = { top1: 0.45, top3: 0.6, calibrationError: 0.05 };

/**
 * How well the next step of an airline desk agent is forecast from where the arguments of its calls came from in other conversations. Each of
 * the tasks is left out once, with all its trials. Needs no server.
 */
export const minedExperiment: RunExperiment = (options) => Promise.resolve().then(() => gradeForecasters(options));

function gradeForecasters({ seed, data, quick = false, say }: ExperimentOptions): ExperimentOutcome {
  const conversations = readConversations(recordedFile('taubench-airline/tasks-00-24.jsonl', data));
  const lessons: Lesson[] = conversations.map((each) => ({ task: each.task, session: toSession(each) }));
  const all = [...new Set(lessons.map(({ task }) => task))].sort((left, right) => left - right);
  const tasks = quick ? all.slice(0, QUICK_TASKS) : all;
  const lookUpMs: number[] = [];
  const graded = FORECASTERS.map((forecaster, index): GradedForecaster => {
    const moments = tasks.flatMap((task) => {
      const left = forecastTask(forecaster, task, lessons);
      if (index === 0) lookUpMs.push(...left.lookUpMs);
      say(`mined: ${forecaster.name}, task ${task} left out`);
      return left.moments;
    });
    return { name: forecaster.name, knew: forecaster.knew, moments };
  });
  const mined = graded[0] as GradedForecaster;
  const problems = tasks.length < all.length ? [] : missedTargets(mined, seed);
  const bins = reliabilityBins(mined.moments, 1);
  const comparison: PolicyComparison = {
    benchmark: 'mined',
    title: "mined forecasts of an agent's next call",
    setting:
      `${conversations.length} airline conversations of gpt-4o from github.com/sierra-research/tau-bench (MIT); ${tasks.length} of ${all.length} ` +
      `tasks left out once each, with all their trials; ${mined.moments.length} moments; intervals are 95 % bootstrap over tasks`,
    measuredOn: 'simulator',
    rows: [],
    reliability: graded.map(({ name, moments }) => ({ label: name, bins: reliabilityBins(moments, 1) })),
    tables: [
      forecasterTable(graded, seed),
      toolTable(mined, seed),
      precisionTable(mined, seed),
      calibrationTable(mined.name, bins),
    ],
    notes: [
      ...graded.map(({ name, knew }) => `${name} knew: ${knew}`),
      'Most first guesses are unlikely ones, which are easy to calibrate; the last column leaves out those below 0.1.',
      'No conversation is forecast from its own task, but the miner itself (sources, contexts, states of a guess) was improved in view of these very results: on other conversations expect less.',
      'No time is measured here: what the forecasts are worth is in `airline`.',
      'A moment is each step of the agent, also where it speaks next; a forecast there is wrong.',
      'The tasks share a few travellers, whose records may be in conversations that were learned from.',
      `A look-up took ${percentile(lookUpMs, 0.5).toFixed(2)} ms in the median, ${percentile(lookUpMs, 0.95).toFixed(2)} ms at the 95th percentile.`,
    ],
  };
  return { text: comparisonTable(comparison), report: { tasks, ...comparison }, comparisons: [comparison], problems };
}

function missedTargets({ moments }: GradedForecaster, seed: number): string[] {
  const problems: string[] = [];
  for (const [top, target] of [
    [1, TARGETS.top1],
    [TOP, TARGETS.top3],
  ] as const) {
    const rate = hitRate(moments, top, seed);
    if (rate === null || rate.interval.value < target)
      problems.push(
        `top-${top} is ${rate?.numerator ?? 0}/${rate?.denominator ?? 0}, at least ${100 * target} % are wanted`,
      );
  }
  for (const top of [1, TOP]) {
    const error = calibrationError(reliabilityBins(moments, top));
    if (error > TARGETS.calibrationError)
      problems.push(
        `calibration error of ${top} guesses is ${error.toFixed(3)}, at most ${TARGETS.calibrationError} is wanted`,
      );
  }
  return problems;
}
