import { Command, InvalidArgumentError, Option } from 'commander';

/** What the comparison runs. */
export interface BenchOptions {
  /** Measured requests per pipeline. */
  requests: number;
  /** Pairs of a plain and a run-ahead request that run at the same time. */
  pairs: number;
  seed: number;
  /** Name of the only pipeline to run; null for all. */
  only: string | null;
  /** Folder with recorded conversations; null for none. */
  airline: string | null;
  /** Null leaves the policy's own. */
  alpha: number | null;
  lambdaUsdPerSecond: number | null;
  /** File for the report as JSON; null for none. */
  report: string | null;
  /** Print the report as JSON instead of a table. */
  json: boolean;
  /** Leave server and workers running afterwards. */
  keep: boolean;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return value;
}

function between(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= low && value <= high && Number.isFinite(value)) return value;
    throw new InvalidArgumentError(
      high === Infinity ? `It must be a number of at least ${low}.` : `It must be a number from ${low} to ${high}.`,
    );
  };
}

/** Reads the command line of `npm start`. */
export function readBenchOptions(argv: readonly string[], environment: NodeJS.ProcessEnv = process.env): BenchOptions {
  const command = new Command('npm start --')
    .description('Runs the pipelines that ship, plain and run ahead, side by side on a real Temporal server.')
    .option('--requests <n>', 'measured requests per pipeline', wholeNumber, 24)
    .option('--pairs <n>', 'pairs that run at the same time', wholeNumber, 4)
    .option('--seed <n>', 'seed of the requests', wholeNumber, 1)
    .addOption(
      new Option('--only <pipeline>', 'one pipeline instead of all').choices(['autoReply', 'toolAgent', 'research']),
    )
    .option('--airline <folder>', 'also replay recorded airline conversations (or RUNAHEAD_AIRLINE_DATA)')
    .option('--alpha <number>', 'the dial, 0 (cost first) to 1 (latency first)', between(0, 1))
    .option('--lambda <dollars>', 'what a second of latency is worth', between(0, Infinity))
    .option('--report <file>', 'write the report as JSON')
    .option('--json', 'print the report as JSON')
    .option('--keep', 'leave server and workers running and print the link to the Web UI');
  const flags = command.parse(argv, { from: 'user' }).opts<{
    requests: number;
    pairs: number;
    seed: number;
    only?: string;
    airline?: string;
    alpha?: number;
    lambda?: number;
    report?: string;
    json?: boolean;
    keep?: boolean;
  }>();
  const airline = flags.airline ?? environment['RUNAHEAD_AIRLINE_DATA'] ?? '';
  return {
    requests: flags.requests,
    pairs: flags.pairs,
    seed: flags.seed,
    only: flags.only ?? null,
    airline: airline === '' ? null : airline,
    alpha: flags.alpha ?? null,
    lambdaUsdPerSecond: flags.lambda ?? null,
    report: flags.report ?? null,
    json: flags.json ?? false,
    keep: flags.keep ?? false,
  };
}
