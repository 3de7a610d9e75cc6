import { Command, InvalidArgumentError } from 'commander';

/** What the experiment with the control workflow does. */
export interface ControlBenchOptions {
  /** Handed in by all reporters together. */
  observations: number;
  /** Observations that fill a signal. */
  batch: number;
  /** Whether processes are killed in the middle. */
  kill: boolean;
  kills: number;
  seed: number;
  /** Print the report as JSON. */
  json: boolean;
}

export function readControlBenchOptions(argv: readonly string[]): ControlBenchOptions {
  return new Command('node dist/bench/control.js')
    .description('Hands observations to the control workflow and compares every count with what was handed in.')
    .option('--observations <n>', 'observations of all reporters together', wholeNumber, 1_000_000)
    .option('--batch <n>', 'observations that fill a signal', wholeNumber, 200)
    .option('--kill', 'kill -9 control workers, server and some reporters in the middle', false)
    .option('--kills <n>', 'how often, with --kill', wholeNumber, 12)
    .option('--seed <n>', 'seed of the moments', wholeNumber, 1)
    .option('--json', 'print the report as JSON', false)
    .parse(argv, { from: 'user' })
    .opts();
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be a whole number of at least 1.');
}
