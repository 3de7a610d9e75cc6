import type { Trail } from '../../speculation/forecast/trail';
import { mine } from '../../speculation/mining/mine';
import { minedForecasts } from '../../speculation/mining/mined-forecasts';
import { frequencyBaselines } from './frequency-baselines';

/** The operation whose output is forecast. */
export const STEP = 'agentStep';
/** Guesses at each moment, at most. */
export const TOP = 3;

/** Sessions of one task, of all its trials. */
export interface Lesson {
  task: number;
  session: Trail;
}

export interface Guess {
  value: unknown;
  hits: number;
  total: number;
}

/** What forecasts the agent's next step from its arguments and the calls before it, best guess first. */
export type Forecast = (args: readonly unknown[], trail: Trail) => Guess[];

export interface Forecaster {
  name: string;
  /** What it knew, in one line. */
  knew: string;
  learn(lessons: readonly Lesson[]): Forecast;
}

const minedForecaster: Forecaster = {
  name: 'mined',
  knew: 'argument flow, mined from the conversations of all other tasks; at run time the calls before, their results and the transcript',
  learn(lessons) {
    const patterns = mine(
      lessons.map(({ session }) => session),
      { operations: [STEP], groups: lessons.map(({ task }) => String(task)) },
    );
    return (args, trail) => minedForecasts(patterns, STEP, args, trail, TOP);
  },
};

/** All on equal terms: the same lessons, the same moments, as many guesses. */
export const FORECASTERS: readonly Forecaster[] = [minedForecaster, ...frequencyBaselines(STEP, TOP)];
