import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import type { RunExperiment } from '../../bench/measure/experiment';
import { OperatorError } from '../operator-error';
import type { Terminal } from '../terminal';

interface BenchFlags {
  report?: string;
  runs?: string;
  seed: string;
  data?: string;
  quick?: boolean;
}

const load = createRequire(__filename);

/** Loaded when they are run: what they need takes a while. */
const EXPERIMENTS: Record<string, { summary: string; load: () => RunExperiment }> = {
  streaming: {
    summary: 'pipelines over streamed answers: plain, run ahead, and what a perfect scheduler could reach',
    load: () =>
      (load('../../bench/streaming/experiment') as typeof import('../../bench/streaming/experiment'))
        .streamingExperiment,
  },
  cancel: {
    summary: 'from the event that refutes a forecast to the last token of what was launched on it',
    load: () =>
      (load('../../bench/cancelling/experiment') as typeof import('../../bench/cancelling/experiment'))
        .cancelExperiment,
  },
};

/** `runahead bench`: measures on a real server of its own, with a local model behind a meter. */
export function addBenchCommand(program: Command, terminal: Terminal): void {
  program
    .command('bench')
    .description('measure on this machine, on a Temporal server of its own with a local model behind a meter')
    .argument('<name>', Object.keys(EXPERIMENTS).join(', '))
    .option('--report <file>', 'write the figures as JSON')
    .option('--runs <number>', 'how often each setting is measured (default: some minutes in all)')
    .option('--seed <number>', 'seed of answers and latencies', '1')
    .option('--data <folder>', 'recorded texts (default: RUNAHEAD_DATA, else shared/data here or beside this folder)')
    .option('--quick', 'only what takes seconds')
    .addHelpText(
      'after',
      `\n${Object.entries(EXPERIMENTS)
        .map(([name, { summary }]) => `${name.padEnd(10)} ${summary}`)
        .join('\n')}\n\nExit code: 0; 1 when something that must hold does not, such as identical results.`,
    )
    .action((name: string, flags: BenchFlags) => bench(name, flags, terminal));
}

async function bench(name: string, flags: BenchFlags, terminal: Terminal): Promise<void> {
  const experiment = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined;
  if (experiment === undefined) {
    throw new OperatorError(`bench: there is no "${name}"; there are: ${Object.keys(EXPERIMENTS).join(', ')}.`);
  }
  const seed = wholeNumber('--seed', flags.seed, 0);
  const runs = flags.runs === undefined ? undefined : wholeNumber('--runs', flags.runs, 1);
  // Before the measurement, so that nobody waits for it in vain.
  if (flags.report !== undefined) await prepare(flags.report);
  const { text, report, problems } = await experiment.load()({
    seed,
    quick: flags.quick === true,
    ...(flags.data !== undefined && { data: flags.data }),
    ...(runs !== undefined && { runs }),
    say: (line) => terminal.notice(line),
  });
  terminal.line(text);
  if (flags.report !== undefined)
    await writeFile(flags.report, `${JSON.stringify({ ...report, problems }, null, 2)}\n`);
  if (problems.length === 0) return;
  for (const problem of problems) terminal.notice(pc.red(problem));
  throw new OperatorError(`bench ${name}: ${problems.length} of its targets missed, see above.`);
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new OperatorError(`${option} is "${text}": use a whole number of at least ${least}.`);
}

async function prepare(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
  } catch (cause) {
    throw new OperatorError(
      `--report: ${file} cannot be written (${cause instanceof Error ? cause.message : String(cause)}).`,
      { cause },
    );
  }
}
