import { canonicalJson } from '../../speculation/forecast/canonical-json';
import { STEP, type Forecaster, type Lesson } from './forecaster';

/** A moment at which the agent's next step was forecast, and what came. */
export interface ForecastMoment {
  task: number;
  /** Activity type of the tool that was called; null where the agent spoke. */
  tool: string | null;
  /** Best first: what share of such forecasts has come true, and whether this one did. */
  guesses: { probability: number; right: boolean }[];
}

/** Forecasts each step of a task's conversations by what was learned from those of all other tasks. */
export function forecastTask(
  forecaster: Forecaster,
  task: number,
  lessons: readonly Lesson[],
): { moments: ForecastMoment[]; lookUpMs: number[] } {
  const forecast = forecaster.learn(lessons.filter((lesson) => lesson.task !== task));
  const lookUpMs: number[] = [];
  const moments = lessons
    .filter((lesson) => lesson.task === task)
    .flatMap(({ session }) =>
      session.flatMap((call, index) => {
        if (call.operation !== STEP) return [];
        const before = performance.now();
        const guesses = forecast(call.args, session.slice(0, index));
        lookUpMs.push(performance.now() - before);
        const came = canonicalJson(call.output);
        return [
          {
            task,
            tool: toolOf(call.output),
            guesses: guesses.map(({ value, hits, total }) => ({
              probability: hits / total,
              right: canonicalJson(value) === came,
            })),
          },
        ];
      }),
    );
  return { moments, lookUpMs };
}

function toolOf(output: unknown): string | null {
  const { tool } = output as { tool?: unknown };
  return typeof tool === 'string' ? tool : null;
}
