import { always } from '../../../speculation/policies/always';
import { costUsd } from '../../simulator/books';
import { constant } from '../../simulator/distribution';
import { pipeline, type OperationSpec } from '../../simulator/pipeline';
import { simulate } from '../../simulator/simulate';
import { closedForm, type Simulated } from '../closed-form';
import { times, type Setting } from '../experiment';

/** A model that generates, and a tool call that can be guessed while it does; seconds. */
interface Rounds {
  rounds: number;
  generate: number;
  /** When the guess is there. */
  guess: number;
  tool: number;
  /** Probability that the guess is right. */
  accuracy: number;
  /** What making the guess adds to every generation. */
  overhead: number;
  toolUsd: number;
  guessUsd: number;
}

const FREE = { overhead: 0, toolUsd: 0, guessUsd: 0 };

function simulated(setting: Setting, cases: readonly Rounds[], observe: 'seconds' | 'usd'): Simulated<Rounds>[] {
  return cases.map((parameters) => {
    const { rounds, generate, guess, tool, accuracy, overhead, toolUsd, guessUsd } = parameters;
    const operations = Array.from({ length: rounds }, (): OperationSpec[] => [
      {
        name: 'generate',
        latency: constant(generate + overhead),
        draft: {
          latency: constant(guess),
          hitProbabilities: [accuracy],
          price: { kind: 'fixed', usd: guessUsd },
        },
      },
      { name: 'tool', latency: constant(tool), price: { kind: 'fixed', usd: toolUsd } },
    ]).flat();
    const runs = times(30_000 / rounds, setting);
    const { total } = simulate(pipeline('rounds', operations), {
      seed: setting.seed,
      runs,
      policy: always,
      drafts: 'always',
    });
    return {
      label: `G ${generate}, T ${tool}, accuracy ${accuracy}`,
      parameters,
      observed: (observe === 'seconds' ? total.seconds : costUsd(total)) / runs,
    };
  });
}

/** Nichols et al., arXiv:2512.15834. */
export const nichols = closedForm<Rounds>({
  name: 'nichols',
  title: 'speculative tool calls: a N max(G, g + T) + (1 - a) N (G + T)',
  origin: 'peer',
  form: ({ rounds, generate, guess, tool, accuracy }) =>
    rounds * (accuracy * Math.max(generate, guess + tool) + (1 - accuracy) * (generate + tool)),
  planted: {
    'the guess takes no time': ({ rounds, generate, tool, accuracy }) =>
      rounds * (accuracy * Math.max(generate, tool) + (1 - accuracy) * (generate + tool)),
    'a miss waits for the wrong call': ({ rounds, generate, guess, tool, accuracy }) =>
      rounds * (accuracy * Math.max(generate, guess + tool) + (1 - accuracy) * (guess + 2 * tool)),
  },
  simulate: (setting) =>
    simulated(
      setting,
      [
        { rounds: 20, generate: 2, guess: 0.5, tool: 1, accuracy: 0.6, ...FREE },
        { rounds: 20, generate: 2, guess: 0.5, tool: 3, accuracy: 0.6, ...FREE },
        { rounds: 5, generate: 4, guess: 0.1, tool: 3.5, accuracy: 0.9, ...FREE },
      ],
      'seconds',
    ),
});

/** SPORK, arXiv:2607.03333: a fork of the model guesses, and costs a little of every generation. */
export const spork = closedForm<Rounds>({
  name: 'spork',
  title: 'SPORK: a T_hit + (1 - a) T_miss; gains iff a * overlap > overhead; ceiling 1 / (1 - f_tool)',
  origin: 'peer',
  form: ({ rounds, generate, guess, tool, accuracy, overhead }) => {
    const plain = rounds * (generate + tool);
    if (overhead === 0 && guess === 0 && accuracy === 1 && tool <= generate) {
      // The ceiling: all of the tool time disappears.
      return plain * (1 - tool / (generate + tool));
    }
    const overlap = Math.min(tool, generate + overhead - guess);
    return plain - rounds * (accuracy * overlap - overhead);
  },
  planted: {
    'the overhead is forgotten': ({ rounds, generate, guess, tool, accuracy }) =>
      rounds * (generate + tool - accuracy * Math.min(tool, generate - guess)),
    'every guess is right': ({ rounds, generate, guess, tool, overhead }) =>
      rounds * (generate + overhead + tool - Math.min(tool, generate + overhead - guess)),
  },
  simulate: (setting) =>
    simulated(
      setting,
      [
        { rounds: 10, generate: 3, guess: 1, tool: 1.5, accuracy: 0.88, ...FREE, overhead: 0.2 },
        // Slower than plain: 0.1 * 1.5 < 0.3.
        { rounds: 10, generate: 3, guess: 1, tool: 1.5, accuracy: 0.1, ...FREE, overhead: 0.3 },
        // BrowseComp: f_tool 0.366.
        { rounds: 10, generate: 0.634, guess: 0, tool: 0.366, accuracy: 1, ...FREE },
      ],
      'seconds',
    ),
});

/** Speculate with Memory, arXiv:2607.12236: k guesses of which accuracy are right. */
export const memoryCost = closedForm<Rounds>({
  name: 'speculate-with-memory-cost',
  title: 'Speculate with Memory: extra cost of a step C_S + (1 - accuracy) C_act',
  origin: 'peer',
  form: ({ rounds, accuracy, toolUsd, guessUsd }) => rounds * (toolUsd + guessUsd + (1 - accuracy) * toolUsd),
  planted: {
    'a used launch costs extra': ({ rounds, toolUsd, guessUsd }) => rounds * (2 * toolUsd + guessUsd),
    'guesses are free': ({ rounds, accuracy, toolUsd }) => rounds * (toolUsd + (1 - accuracy) * toolUsd),
  },
  simulate: (setting) =>
    simulated(
      setting,
      [
        { rounds: 20, generate: 3, guess: 1, tool: 2, accuracy: 0.4, overhead: 0, toolUsd: 0.01, guessUsd: 0.001 },
        { rounds: 20, generate: 3, guess: 1, tool: 2, accuracy: 0.8, overhead: 0, toolUsd: 0.01, guessUsd: 0.004 },
      ],
      'usd',
    ),
});

/** The same: what a step can save at most. */
export const memoryCap = closedForm<Rounds>({
  name: 'speculate-with-memory-cap',
  title: 'Speculate with Memory: a guessed action saves at most min(l_env, l_LLM - l_spec)',
  origin: 'peer',
  form: ({ rounds, generate, guess, tool }) => rounds * Math.min(tool, generate - guess),
  planted: {
    'the guess takes no time': ({ rounds, generate, tool }) => rounds * Math.min(tool, generate),
    'only the environment bounds it': ({ rounds, tool }) => rounds * tool,
  },
  simulate: (setting) => {
    const cases = [
      { rounds: 10, generate: 3, guess: 1, tool: 5, accuracy: 1, ...FREE },
      { rounds: 10, generate: 3, guess: 1, tool: 1.2, accuracy: 1, ...FREE },
    ];
    return simulated({ ...setting, effort: setting.effort / 100 }, cases, 'seconds').map((each) => {
      const { rounds, generate, tool } = each.parameters;
      return { ...each, observed: rounds * (generate + tool) - each.observed };
    });
  },
});
