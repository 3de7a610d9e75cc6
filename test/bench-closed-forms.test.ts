import { compareForms } from '../bench/closed-forms/experiment';
import { OTHER_SYSTEMS, SPECULATIVE_ACTIONS } from '../bench/closed-forms/forms';
import { closedForm, type ClosedFormExperiment } from '../bench/validation/closed-form';
import { isp } from '../bench/validation/peers/blocks';
import { asyncLm, llmCompiler } from '../bench/validation/peers/parallel-calls';
import { exponentialTime } from '../bench/validation/peers/speculative-actions-time';
import { SUITE } from '../bench/validation/suite';
import { runahead } from './support/command-line';

const QUICK = { seed: 1, quick: true, say: () => undefined };

/** A form of one case that is 2 as it is said to hold, and simulated as asked. */
function formOf(simulated: number, printed?: number): ClosedFormExperiment {
  return closedForm({
    name: 'two',
    title: 'always two',
    origin: 'ours',
    form: () => 2,
    ...(printed !== undefined && { printed: () => printed }),
    planted: { three: () => 3 },
    simulate: ({ seed }) => [{ label: `seed ${seed}`, parameters: null, observed: simulated * seed }],
  });
}

describe('runahead bench closed-forms', () => {
  test('compares each form as printed and as it holds with the simulator, and shows the gap of a misprint', () => {
    const outcome = compareForms(QUICK, {
      speculativeActions: [exponentialTime],
      choices: [],
      others: [isp, llmCompiler, asyncLm],
    });
    expect(outcome.problems).toEqual([]);
    const [comparison] = outcome.comparisons ?? [];
    expect(comparison).toMatchObject({ benchmark: 'closed-forms', measuredOn: 'simulator', rows: [] });
    const [first, others] = comparison?.tables ?? [];
    expect(first?.columns).toEqual(
      'form|case|printed|corrected|simulated|off the corrected|off the printed'.split('|'),
    );
    for (const [, , printed, corrected, simulated, offCorrected, offPrinted] of first?.rows ?? []) {
      expect(Math.abs(Number(simulated) / Number(corrected) - 1)).toBeLessThanOrEqual(0.02);
      expect(Math.abs(parseFloat(offCorrected!))).toBeLessThanOrEqual(2);
      // The printed form promises a shorter time than the algorithm takes.
      expect(Number(simulated)).toBeGreaterThan(1.05 * Number(printed));
      expect(parseFloat(offPrinted!)).toBeCloseTo(100 * (Number(simulated) / Number(printed) - 1), 0);
    }
    expect(first?.rows).toHaveLength(4);
    expect(others?.rows).toContainEqual(['isp', 'N 24, k 4, best', '96', 'the same', '96', '+0.00 %', '']);
    expect(others?.rows).toContainEqual(['async-lm', '16 more', '', '', '', 'at most 0.00 %', '']);
    expect(outcome.text).toContain('as printed promises 1.9');
  });

  test('names what is off by more than it may be', () => {
    const off = compareForms(
      { ...QUICK, quick: false },
      { speculativeActions: [], choices: [], others: [formOf(2.05)] },
    );
    expect(off.problems).toEqual(['two, seed 1: simulated 2.05, which is not within 1 % of 2']);
    const none = compareForms(QUICK, { speculativeActions: [], choices: [], others: [formOf(NaN)] });
    expect(none.problems).toEqual(['two, seed 1: simulated NaN, which is not within 2 % of 2']);
  });

  test('names a misprint that is none', () => {
    const none = compareForms(QUICK, { speculativeActions: [], choices: [], others: [formOf(2, 2.001)] });
    expect(none.problems).toEqual(['two: the printed form holds as well, so there is nothing to correct']);
    expect(compareForms(QUICK, { speculativeActions: [], choices: [], others: [formOf(2, 4)] }).problems).toEqual([]);
  });

  test('takes the mean of as many seeds as runs are asked for', () => {
    const { report } = compareForms(
      { ...QUICK, runs: 3 },
      { speculativeActions: [], choices: [], others: [formOf(1)] },
    );
    expect(report).toMatchObject({ seeds: [1, 2, 3], forms: [{ name: 'two', cases: [{ simulated: 2 }] }] });
  });

  test('looks at every formula of another system that is validated', () => {
    const looked = [...SPECULATIVE_ACTIONS, ...OTHER_SYSTEMS].map(({ name }) => name);
    const first = SUITE.findIndex(({ name }) => name === 'speculative-actions-hits');
    const peers = SUITE.slice(first).map(({ name }) => name);
    // One is about how much the printed form promises, one has no formula but a choice; both are shown apart.
    expect(peers.filter((name) => !looked.includes(name))).toEqual(['speculative-actions-promise', 'optimal-breadth']);
  });

  test('is a name that the command line knows', async () => {
    const { exitCode, errors } = await runahead('bench', 'closed-form');
    expect(exitCode).toBe(1);
    expect(errors).toContain('closed-forms');
  });
});
