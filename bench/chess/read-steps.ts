import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { shownValue } from '../../speculation/decision/shown-value';
import type { Breadth, GuessCall, RecordedGame, RecordedStep } from './recorded-game';

/** A recording of steps that cannot be read. The message names line and field. */
export class InvalidStepsError extends Error {
  readonly code = 'RUNAHEAD_INVALID_STEPS';
  override readonly name = 'InvalidStepsError';
}

const numberText = z.string().regex(/^-?\d+(\.\d+)?(e-?\d+)?$/i, 'is no number');
const seconds = numberText.transform(Number).refine((value) => value >= 0, 'is negative; latencies are seconds from 0');
const tokens = numberText.transform(Number).refine((value) => Number.isInteger(value) && value >= 0, {
  message: 'is no whole number from 0; tokens are counted',
});
const move = z.string().regex(/^[a-h][1-8][a-h][1-8][qrbn]?$/, 'is no move such as e2e4 or e7e8q');
const listOf = <Item extends z.ZodType<unknown, string>>(item: Item): z.ZodType<z.output<Item>[], string> =>
  z
    .string()
    .transform((text) => (text === '' ? [] : text.split(' ')))
    .pipe(z.array(item as unknown as z.ZodType<z.output<Item>, string>));
const moves = listOf(move);
const percentages = listOf(
  numberText.transform(Number).refine((value) => value >= 0 && value <= 100, 'is outside of 0 to 100'),
);

const ROW = z.object({
  game: z.string().min(1, 'is empty'),
  step: tokens,
  actor_s: seconds,
  actor_in: tokens,
  actor_out: tokens,
  actor_total: tokens,
  move,
  k1_guesses: moves,
  k1_s: seconds,
  k1_in: tokens,
  k1_out: tokens,
  k1_total: tokens,
  k2_guesses: moves,
  k2_s: seconds,
  k2_in: tokens,
  k2_out: tokens,
  k2_total: tokens,
  k3_guesses: moves,
  k3_s: seconds,
  k3_in: tokens,
  k3_out: tokens,
  k3_total: tokens,
  conf_guesses: moves,
  conf_scores: percentages,
  conf_s: seconds,
});

type Row = z.output<typeof ROW>;
const COLUMNS = Object.keys(ROW.shape);

/**
 * Reads recorded steps: one row a step, in the order in which each game was played.
 *
 * @param text CSV with the columns of NOTICE.md; seconds in columns that end in `_s`
 * @param file for messages
 * @throws InvalidStepsError for a missing or unknown column, a negative latency, and whatever else is not as it should be
 */
export function readSteps(text: string, file = 'steps.csv'): RecordedGame[] {
  const games = new Map<string, RecordedStep[]>();
  for (const { line, values } of rowsOf(text, file)) {
    const read = ROW.safeParse(values);
    if (!read.success) throw new InvalidStepsError(`${file}, line ${line}: ${firstProblem(read.error, values)}`);
    const step = stepOf(read.data, `${file}, line ${line}`);
    const known = games.get(step.game) ?? [];
    if (step.step !== known.length) {
      throw new InvalidStepsError(
        `${file}, line ${line}: step is ${step.step}; step ${known.length} of game ${step.game} comes next`,
      );
    }
    games.set(step.game, [...known, step]);
  }
  if (games.size === 0)
    throw new InvalidStepsError(`${file}: has no steps; a header and one row for each step are needed`);
  return [...games].map(([id, steps]) => ({ id, steps }));
}

/** The steps that come with this project. @throws InvalidStepsError */
export function recordedGames(): RecordedGame[] {
  // Compiled files lie in a folder of their own, data does not.
  const places = [join(__dirname, 'steps.csv'), join(__dirname, '..', '..', '..', 'bench', 'chess', 'steps.csv')];
  const file = places.find((place) => existsSync(place));
  if (file === undefined) throw new InvalidStepsError(`steps.csv is not there (looked at ${places.join(', ')})`);
  return readSteps(readFileSync(file, 'utf8'), 'bench/chess/steps.csv');
}

function rowsOf(text: string, file: string): { line: number; values: Record<string, string> }[] {
  try {
    const parsed = parse(text, {
      bom: true,
      columns: (header: string[]) => checkedColumns(header, file),
      info: true,
      skip_empty_lines: true,
    }) as unknown as { record: Record<string, string>; info: { lines: number } }[];
    return parsed.map(({ record, info }) => ({ line: info.lines, values: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const { lines } = cause as { lines?: number };
    throw new InvalidStepsError(`${file}${lines === undefined ? '' : `, line ${lines}`}: ${cause.message}`, { cause });
  }
}

function checkedColumns(header: readonly string[], file: string): string[] {
  const names = header.map((name) => name.trim());
  for (const name of names) {
    if (COLUMNS.includes(name)) continue;
    const [, stem, unit] = /^(.+)_([a-z]+)$/.exec(name) ?? [];
    const known = COLUMNS.includes(`${stem ?? ''}_s`);
    throw new InvalidStepsError(
      known
        ? `${file}, line 1: column ${name} has the unknown unit ${shownValue(unit)}; give seconds, as ${stem ?? ''}_s`
        : `${file}, line 1: there is no column ${shownValue(name)}; columns are ${COLUMNS.join(', ')}`,
    );
  }
  const missing = COLUMNS.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new InvalidStepsError(`${file}, line 1: the column ${missing.join(', ')} is missing`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new InvalidStepsError(`${file}, line 1: the column ${twice} is there twice`);
  return names;
}

function firstProblem(error: z.ZodError, values: Record<string, string>): string {
  const [issue] = error.issues;
  const field = String(issue?.path[0] ?? '');
  return `${field} is ${shownValue(values[field])}: it ${issue?.message ?? 'cannot be used'}`;
}

function stepOf(row: Row, place: string): RecordedStep {
  const guesses: Record<Breadth, GuessCall> = { 1: guessCall(row, 1), 2: guessCall(row, 2), 3: guessCall(row, 3) };
  if (row.conf_guesses.length !== row.conf_scores.length) {
    throw new InvalidStepsError(
      `${place}: conf_scores has ${row.conf_scores.length} values for ${row.conf_guesses.length} conf_guesses; give one each`,
    );
  }
  return {
    game: row.game,
    step: row.step,
    actor: {
      seconds: row.actor_s,
      inputTokens: row.actor_in,
      outputTokens: row.actor_out,
      totalTokens: row.actor_total,
    },
    move: row.move,
    guesses,
    stated: {
      moves: row.conf_guesses,
      confidences: row.conf_scores.map((score) => score / 100),
      seconds: row.conf_s,
    },
  };
}

function guessCall(row: Row, breadth: Breadth): GuessCall {
  return {
    moves: row[`k${breadth}_guesses`],
    seconds: row[`k${breadth}_s`],
    inputTokens: row[`k${breadth}_in`],
    outputTokens: row[`k${breadth}_out`],
    totalTokens: row[`k${breadth}_total`],
  };
}
