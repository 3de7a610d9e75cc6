import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { runChaos } from '../../bench/chaos/chaos-experiment';
import type { ChaosProgress } from '../../bench/chaos/chaos-progress';
import { OperatorError } from '../operator-error';
import { chaosTable } from '../tables/chaos-table';
import type { Terminal } from '../terminal';

interface ChaosFlags {
  runs: string;
  seed: string;
  concurrency: string;
  only?: string;
  report?: string;
}

/** `runahead chaos`: pipelines while everything around them fails. Brings its own Temporal server, workers and model. */
export function addChaosCommand(program: Command, terminal: Terminal): void {
  program
    .command('chaos')
    .description(
      'run pipelines while model, workers and server fail, and compare results, effects and books with plain runs',
    )
    .option('--runs <number>', 'number of runs', '100')
    .option('--seed <number>', 'seed of inputs, faults, kills and disturbances: the same seed makes the same plan', '1')
    .option('--concurrency <number>', 'runs at the same time', '12')
    .option('--only <run>', 'only the run of this number, to see a difference again')
    .option('--report <file>', 'write the figures and every difference as JSON')
    .action((flags: ChaosFlags) => chaos(flags, terminal));
}

async function chaos(flags: ChaosFlags, terminal: Terminal): Promise<void> {
  const options = {
    runs: numberFrom('--runs', flags.runs, 1),
    seed: numberFrom('--seed', flags.seed, 0),
    concurrency: numberFrom('--concurrency', flags.concurrency, 1),
    only: flags.only === undefined ? null : numberFrom('--only', flags.only, 0),
  };
  // Before the experiment, so that nobody waits for it in vain.
  if (flags.report !== undefined) await usable(flags.report);
  const report = await runChaos(options, progressOn(terminal));
  if (flags.report !== undefined) await writeFile(flags.report, `${JSON.stringify(report, null, 2)}\n`);
  terminal.line(chaosTable(report));
  const { differences } = report;
  for (const { kind, workflowId, run, what, faults } of differences.slice(0, SHOWN_DIFFERENCES)) {
    terminal.line(`${pc.red(kind)} in ${workflowId} (--seed ${report.seed} --only ${run}): ${what}`);
    if (faults.length > 0) terminal.line(`  faults of its model: ${faults.join(', ')}`);
  }
  if (differences.length === 0) return;
  throw new OperatorError(`chaos: ${differences.length} differences in ${report.runs} runs; --report lists them all.`);
}

const SHOWN_DIFFERENCES = 20;
const UPDATE_MS = 5_000;

function progressOn(terminal: Terminal): ChaosProgress {
  let latestMs = Number.NEGATIVE_INFINITY;
  return {
    say: (line) => terminal.notice(line),
    update: (line) => {
      if (performance.now() - latestMs < UPDATE_MS) return;
      latestMs = performance.now();
      terminal.notice(line);
    },
  };
}

function numberFrom(option: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new OperatorError(`${option} is "${text}": use a whole number of at least ${least}.`);
}

async function usable(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(`--report: ${dirname(file)} cannot be used as a directory (${reason}).`, { cause });
  }
}
