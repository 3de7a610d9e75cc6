import { createRequire } from 'node:module';
import type { Command } from 'commander';
import type { RunExperiment } from '../../bench/measure/experiment';
import type { Terminal } from '../terminal';
import { ALL_BENCHES, runBenchCommand, type BenchFlags } from './bench-run';

const load = createRequire(__filename);

type Experiments = Record<string, { summary: string; load: () => RunExperiment }>;

/** Loaded when they are run: what they need takes a while. `all` runs them in this order. */
const EXPERIMENTS: Experiments = {
  // First, because the SDK counts heartbeats only where nothing of it has been used before.
  cancel: {
    summary: 'from the event that refutes a forecast to the last token of what was launched on it',
    load: () =>
      (load('../../bench/cancelling/experiment') as typeof import('../../bench/cancelling/experiment'))
        .cancelExperiment,
  },
  streaming: {
    summary: 'pipelines over streamed answers: plain, run ahead, and what a perfect scheduler could reach',
    load: () =>
      (load('../../bench/streaming/experiment') as typeof import('../../bench/streaming/experiment'))
        .streamingExperiment,
  },
  chess: {
    summary:
      'recorded chess of Speculative Actions under every policy, each game left out; simulated, and on a real server',
    load: () => (load('../../bench/chess/experiment') as typeof import('../../bench/chess/experiment')).chessExperiment,
  },
  'closed-forms': {
    summary: 'published formulas against the simulator, as printed and as they hold; needs no server',
    load: () =>
      (load('../../bench/closed-forms/experiment') as typeof import('../../bench/closed-forms/experiment'))
        .closedFormsExperiment,
  },
  'no-go': {
    summary: 'where running ahead does not pay: bad forecasts, a slow forecaster, a busy provider; needs no server',
    load: () =>
      (load('../../bench/peers/no-go/experiment') as typeof import('../../bench/peers/no-go/experiment'))
        .noGoExperiment,
  },
  chain: {
    summary: 'chains drafted by a cheaper agent: seconds saved for each dollar; needs no server',
    load: () =>
      (load('../../bench/peers/chain/experiment') as typeof import('../../bench/peers/chain/experiment'))
        .chainExperiment,
  },
  throttle: {
    summary: 'what is left of the gain when speculative work is throttled; needs no server',
    load: () =>
      (load('../../bench/peers/throttle/experiment') as typeof import('../../bench/peers/throttle/experiment'))
        .throttleExperiment,
  },
  'stream-waste': {
    summary: 'calls of a program that start while it is written, priced; needs no server',
    load: () =>
      (load('../../bench/peers/stream-waste/experiment') as typeof import('../../bench/peers/stream-waste/experiment'))
        .streamWasteExperiment,
  },
  mined: {
    summary: 'how well the next call of recorded agents is forecast, each task left out; needs the recordings (--data)',
    load: () => (load('../../bench/mined/experiment') as typeof import('../../bench/mined/experiment')).minedExperiment,
  },
  airline: {
    summary: 'recorded conversations of a tool agent under every policy; needs the recordings (--data)',
    load: () =>
      (load('../../bench/airline/experiment') as typeof import('../../bench/airline/experiment')).airlineExperiment,
  },
  scale: {
    summary: 'more worker processes and more open pipelines: throughput, latency and memory, plain and run ahead',
    load: () => (load('../../bench/scale/experiment') as typeof import('../../bench/scale/experiment')).scaleExperiment,
  },
  verify: {
    summary: 'going on behind verifiers while they check, and where verifiers belong; simulated, and on a real server',
    load: () =>
      (load('../../bench/verify/experiment') as typeof import('../../bench/verify/experiment')).verifyExperiment,
  },
};

/** `runahead bench`: measures on a real server of its own, with a local model behind a meter, or in the simulator. */
export function addBenchCommand(program: Command, terminal: Terminal, experiments: Experiments = EXPERIMENTS): void {
  const benches = Object.entries(experiments).map(([name, bench]) => ({ name, ...bench }));
  const widest = Math.max(...benches.map(({ name }) => name.length));
  program
    .command('bench')
    .description('measure on this machine, on a Temporal server of its own with a local model behind a meter')
    .argument('<name>', [...benches.map(({ name }) => name), ALL_BENCHES].join(', '))
    .option('--report <file>', 'write the figures as JSON')
    .option('--html <file>', 'write a page that opens offline: tables, frontiers, reliability, timelines')
    .option('--only <names>', `with ${ALL_BENCHES}: only these, separated by commas`)
    .option('--runs <number>', 'how often each setting is measured (default: some minutes in all)')
    .option('--seed <number>', 'seed of answers and latencies', '1')
    .option('--data <folder>', 'recorded texts (default: RUNAHEAD_DATA, else shared/data here or beside this folder)')
    .option('--quick', 'only what takes seconds')
    .option(
      '--address <host:port>',
      'for scale: the Temporal server to measure (default: TEMPORAL_ADDRESS, else its own)',
    )
    .option('-n, --namespace <name>', 'for scale: a namespace of its own for the pipelines that are measured')
    .addHelpText(
      'after',
      `\n${[...benches, { name: ALL_BENCHES, summary: 'one after the other; goes on where one cannot run' }]
        .map(({ name, summary }) => `${name.padEnd(widest)} ${summary}`)
        .join('\n')}\n\nExit code: 0; 1 when something that must hold does not, such as identical results.`,
    )
    .action((name: string, flags: BenchFlags) => runBenchCommand(name, flags, benches, terminal));
}
