import { canonicalJson } from '../../speculation/forecast/canonical-json';
import { built, outputLeaves } from '../../speculation/mining/json-leaves';
import type { Trail, TrailCall } from '../../speculation/forecast/trail';
import type { Forecaster, Guess, Lesson } from './forecaster';
import { latestNamed } from './latest-named';

interface Moment {
  /** What was called last before it, other than the step itself. */
  previous: string;
  before: Trail;
  step: TrailCall;
}

/** The trivial forecasters: whole outputs by how often they were seen, in all or after the same call, and tools whose arguments are copied. */
export function frequencyBaselines(operation: string, top: number): Forecaster[] {
  return [
    {
      name: 'most frequent',
      knew: 'how often each whole step was made in the conversations of all other tasks',
      learn(lessons) {
        const guesses = mostFrequent(momentsOf(lessons, operation), ({ step }) => step.output, top);
        return () => guesses;
      },
    },
    {
      name: 'bigram',
      knew: 'how often each whole step was made after the same call in the conversations of all other tasks',
      learn(lessons) {
        const byPrevious = afterEach(momentsOf(lessons, operation), (moments) =>
          mostFrequent(moments, ({ step }) => step.output, top),
        );
        return (_args, trail) => byPrevious.get(previousOf(trail, operation)) ?? [];
      },
    },
    {
      name: 'bigram, latest values',
      knew: 'how often each tool was called after the same call; each argument is the latest value of the same name in the calls before',
      learn(lessons) {
        const byPrevious = afterEach(momentsOf(lessons, operation), (moments) => copiers(moments, top));
        return (_args, trail) =>
          (byPrevious.get(previousOf(trail, operation)) ?? []).flatMap(({ step, hits, total }) => {
            const value = copied(step, trail);
            return value === undefined ? [] : [{ value, hits, total }];
          });
      },
    },
  ];
}

function momentsOf(lessons: readonly Lesson[], operation: string): Moment[] {
  return lessons.flatMap(({ session }) =>
    session.flatMap((step, index) => {
      if (step.operation !== operation) return [];
      const before = session.slice(0, index);
      return [{ previous: previousOf(before, operation), before, step }];
    }),
  );
}

function previousOf(trail: Trail, operation: string): string {
  return trail.findLast((call) => call.operation !== operation)?.operation ?? '';
}

function afterEach<T>(moments: readonly Moment[], learn: (moments: readonly Moment[]) => T): Map<string, T> {
  const names = [...new Set(moments.map(({ previous }) => previous))];
  return new Map(names.map((name) => [name, learn(moments.filter(({ previous }) => previous === name))]));
}

function mostFrequent(moments: readonly Moment[], valueOf: (moment: Moment) => unknown, top: number): Guess[] {
  const counts = new Map<string, { value: unknown; hits: number }>();
  for (const moment of moments) {
    const value = valueOf(moment);
    const text = canonicalJson(value);
    counts.set(text, { value, hits: (counts.get(text)?.hits ?? 0) + 1 });
  }
  return [...counts.values()]
    .sort((left, right) => right.hits - left.hits)
    .slice(0, top)
    .map(({ value, hits }) => ({ value, hits, total: moments.length }));
}

/** Steps to be copied, one for each tool, with how often copying was right after this call. */
function copiers(moments: readonly Moment[], top: number): { step: unknown; hits: number; total: number }[] {
  const examples = new Map<string, unknown>();
  for (const { step } of moments) {
    const tool = toolOf(step.output);
    if (tool !== undefined && !examples.has(tool)) examples.set(tool, step.output);
  }
  return [...examples.values()]
    .map((step) => {
      const guesses = moments.flatMap(({ before, step: { output } }) => {
        const value = copied(step, before);
        return value === undefined ? [] : [canonicalJson(value) === canonicalJson(output)];
      });
      return { step, hits: guesses.filter(Boolean).length, total: guesses.length };
    })
    .filter(({ total }) => total > 0)
    .sort((left, right) => right.hits / right.total - left.hits / left.total)
    .slice(0, top);
}

function toolOf(output: unknown): string | undefined {
  const tool: unknown = typeof output === 'object' && output !== null && 'tool' in output ? output.tool : undefined;
  return typeof tool === 'string' ? tool : undefined;
}

/** A step like another one, with the latest values in place of its own arguments; undefined where one is missing. */
function copied(step: unknown, trail: Trail): unknown {
  const entries = outputLeaves(step).map(({ path, value }) => {
    const name = path.findLast((part) => typeof part === 'string');
    return [path, path[0] === 'args' && path.length > 1 ? latestNamed(trail, String(name)) : value] as const;
  });
  return entries.some(([, value]) => value === undefined) ? undefined : built(entries);
}
