import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { plotPage } from '../../bench/validation/plot-page';
import { reportText, validationReport } from '../../bench/validation/report';
import { chooseExperiments, runSuite } from '../../bench/validation/suite';
import { OperatorError } from '../operator-error';
import { validationTable } from '../tables/validation-table';
import type { Terminal } from '../terminal';

interface ValidateFlags {
  report?: string;
  plots?: string;
  only?: string;
  seed: string;
  effort: string;
}

const PAGE = 'validation.html';

/** `runahead validate`: the method and its implementation against closed forms. Needs no server. */
export function addValidateCommand(program: Command, terminal: Terminal): void {
  program
    .command('validate')
    .description('check the decision rule, the estimates and the simulator against closed forms; needs no server')
    .option('--report <file>', 'write the figures as JSON')
    .option('--plots <directory>', `write ${PAGE} with a plot for each experiment; opens offline`)
    .option('--only <names>', 'only these experiments, separated by commas')
    .option('--seed <number>', 'seed of all random numbers', '1')
    .option('--effort <share>', 'share of the full number of runs, above 0 to 1; less than 1 is for a quick look', '1')
    .action((flags: ValidateFlags) => validate(flags, terminal));
}

async function validate(flags: ValidateFlags, terminal: Terminal): Promise<void> {
  const seed = seedFrom(flags.seed);
  const effort = effortFrom(flags.effort);
  const names = flags.only === undefined ? null : namesFrom(flags.only);
  const experiments = chooseExperiments(names);
  // Before the experiments, so that nobody waits for them in vain.
  if (flags.report !== undefined) await usable('--report', dirname(flags.report));
  if (flags.plots !== undefined) await usable('--plots', flags.plots);

  const start = performance.now();
  const outcomes = runSuite(experiments, { seed, effort });
  const seconds = (performance.now() - start) / 1000;
  terminal.line(validationTable(outcomes));
  if (flags.report !== undefined) {
    await writeTo('--report', flags.report, reportText(validationReport(outcomes, seed, seconds)));
  }
  if (flags.plots !== undefined) {
    const page = join(flags.plots, PAGE);
    await writeTo('--plots', page, plotPage(outcomes, seed));
    terminal.line(`plots: ${page}`);
  }
  const failed = outcomes.filter(({ pass }) => !pass).map(({ name }) => name);
  const summary = `${outcomes.length - failed.length} of ${outcomes.length} experiments pass (seed ${seed}, ${seconds.toFixed(1)} s)`;
  terminal.line('');
  terminal.line(failed.length === 0 ? pc.green(summary) : pc.red(summary));
  if (failed.length > 0) throw new OperatorError(`validate: failed: ${failed.join(', ')}`);
}

function seedFrom(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new OperatorError(`--seed is "${text}": use a whole number of at least 0, such as 1.`);
}

function effortFrom(text: string): number {
  const effort = Number(text);
  if (text.trim() !== '' && effort > 0 && effort <= 1) return effort;
  throw new OperatorError(`--effort is "${text}": use a number above 0 to 1, such as 0.2.`);
}

function namesFrom(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length > 0) return names;
  throw new OperatorError(`--only is "${text}": name at least one experiment, such as "boundary,regret".`);
}

async function usable(option: string, directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    throw new OperatorError(`${option}: ${directory} cannot be used as a directory (${reasonOf(cause)}).`, { cause });
  }
}

async function writeTo(option: string, file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw new OperatorError(`${option}: ${file} cannot be written (${reasonOf(cause)}).`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
