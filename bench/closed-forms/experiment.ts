import { comparisonTable } from '../measure/comparison-table';
import type { ExperimentOptions, ExperimentOutcome, RunExperiment } from '../measure/experiment';
import type { PolicyComparison } from '../measure/policy-comparison';
import { ONE_PERCENT, type ClosedFormExperiment } from '../validation/closed-form';
import type { Experiment } from '../validation/experiment';
import { breadth } from '../validation/peers/optimal-breadth';
import { exponentialTime } from '../validation/peers/speculative-actions-time';
import { OTHER_SYSTEMS, SPECULATIVE_ACTIONS } from './forms';
import { formsTable } from './forms-table';
import { measureForm, problemsOf, type MeasuredForm } from './measured-form';

/** Share of the full number of runs. A quarter of the runs is off by twice as much. */
const QUICK_EFFORT = 0.25;

/** Published formulas against the simulator: each as printed, as it holds, and as simulated. Needs no server. */
export const closedFormsExperiment: RunExperiment = (options) => Promise.resolve(compareForms(options));

interface Forms {
  speculativeActions: readonly ClosedFormExperiment[];
  others: readonly ClosedFormExperiment[];
  /** What is no formula but a choice that has to be the best of all. */
  choices: readonly Experiment[];
}

const ALL: Forms = { speculativeActions: SPECULATIVE_ACTIONS, others: OTHER_SYSTEMS, choices: [breadth] };

/** @param forms @default all */
export function compareForms(
  { seed, quick = false, runs = 1, say }: ExperimentOptions,
  forms: Forms = ALL,
): ExperimentOutcome {
  const effort = quick ? QUICK_EFFORT : 1;
  const allowed = ONE_PERCENT / Math.sqrt(effort);
  const seeds = Array.from({ length: runs }, (_, index) => seed + index);
  const measure = (chosen: readonly ClosedFormExperiment[]): MeasuredForm[] =>
    chosen.map((form) => {
      say(`closed-forms: ${form.name}`);
      return measureForm(form, seeds, effort);
    });
  const speculativeActions = measure(forms.speculativeActions);
  const others = measure(forms.others);
  const choices = forms.choices.map((choice) => choice.run({ seed, effort }));
  const all = [...speculativeActions, ...others];
  const problems = all.flatMap((form) => problemsOf(form, allowed));
  for (const { name, mismatches, cases } of choices.filter(({ pass }) => !pass)) {
    problems.push(`${name}: ${mismatches} of ${cases} cases do not hold`);
  }
  const comparison: PolicyComparison = {
    benchmark: 'closed-forms',
    title: 'published formulas against the simulator',
    setting: `synthetic workloads of each formula's own set-up; ${seeds.length} seed(s) from ${seed}, effort ${effort}; allowed are ${100 * allowed} % of the corrected form`,
    measuredOn: 'simulator',
    rows: [],
    tables: [
      formsTable('Speculative Actions (arXiv:2510.04371v2), times as shares of the plain time', speculativeActions),
      formsTable('Other systems', others),
      {
        title: 'Choices of Speculative Actions: the code that ships against every choice simulated',
        columns: ['form', 'cases', 'wrong', 'largest deviation, of what a hit is worth'],
        rows: choices.map(({ name, cases, mismatches, worstError }) => [
          name,
          String(cases),
          String(mismatches),
          worstError.toFixed(4),
        ]),
      },
    ],
    notes: [...promiseNote(speculativeActions), ...all.map(({ name, title }) => `${name}: ${title}`)],
  };
  return {
    text: comparisonTable(comparison),
    report: { seeds, effort, allowed, forms: all, choices: choices.map((choice) => ({ ...choice, plot: undefined })) },
    comparisons: [comparison],
    problems,
  };
}

/** What became of the saving that Proposition 1 promises. */
function promiseNote(forms: readonly MeasuredForm[]): string[] {
  const cases = forms.find(({ name }) => name === exponentialTime.name)?.cases;
  if (cases === undefined) return [];
  const promised = cases.reduce((sum, { printed }) => sum + 1 - printed, 0);
  const delivered = cases.reduce((sum, { simulated }) => sum + 1 - simulated, 0);
  const times = (promised / delivered).toFixed(2);
  return [
    `Proposition 1 of Speculative Actions as printed promises ${times} times the saving that its Algorithm 1 delivers: a hit still waits for the actor's own answer.`,
  ];
}
