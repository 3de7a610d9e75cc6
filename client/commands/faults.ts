import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Command } from 'commander';
import type { FaultExperiment } from '../../speculation/plugin/fault-experiment';
import { modelIsConfigured, startLocalModelBeside } from '../../workers/local-model-beside';
import { resolveServer, unreachable, type ServerFlags } from '../connect';
import { loadExperiment } from '../faults/load-experiment';
import { runFaultExperiment } from '../faults/run-fault-experiment';
import { SHIPPED_EXPERIMENTS, type ShippedExperiment } from '../faults/shipped-experiments';
import { OperatorError } from '../operator-error';
import { faultsTable } from '../tables/faults-table';
import type { Terminal } from '../terminal';
import { useClient, withServerOptions } from './server-options';

interface FaultsFlags extends ServerFlags {
  inputs: string;
  atATime: string;
  seed: string;
  operations?: string;
  budget?: string;
  lambda: string;
  report?: string;
  json?: boolean;
}

/** `runahead faults`: which operations of a pipeline spoil its result when they are wrong, and where verifiers belong. */
export function addFaultsCommand(program: Command, terminal: Terminal): void {
  withServerOptions(program.command('faults'))
    .description('run a pipeline with faults in one operation at a time, and rank the operations by the damage')
    .argument('<experiment>', `${SHIPPED_EXPERIMENTS.join(', ')}, or a JavaScript file that exports experiment`)
    .option('--inputs <number>', 'inputs of a pipeline that ships; a file has its own', '6')
    .option('--operations <names>', 'only these, separated by commas (default: all that the pipeline calls)')
    .option('--at-a-time <number>', 'runs at the same time', '4')
    .option('--budget <dollars>', 'most that the verifiers of one run may cost (default: no bound)')
    .option('--lambda <points>', 'what a dollar is worth in points of the score', '0')
    .option('--seed <number>', 'seed of inputs, faults and intervals', '1')
    .option('--report <file>', 'write the figures as JSON')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nA worker of its own runs the workflows as they are. What does more than read is not called: give it a stand-in.',
    )
    .action((name: string, flags: FaultsFlags) => faults(name, flags, terminal));
}

async function faults(name: string, flags: FaultsFlags, terminal: Terminal): Promise<void> {
  const seed = wholeNumber('--seed', flags.seed, 0);
  const atATime = wholeNumber('--at-a-time', flags.atATime, 1);
  const placement = {
    lambda: amount('--lambda', flags.lambda),
    ...(flags.budget !== undefined && { budgetUsd: amount('--budget', flags.budget) }),
  };
  const loaded = await loadExperiment(name, seed, wholeNumber('--inputs', flags.inputs, 1));
  const experiment = flags.operations === undefined ? loaded : only(loaded, flags.operations);
  if (flags.report !== undefined) await prepare(flags.report);
  const report = await useClient(flags, async ({ client, namespace }) => {
    Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });
    const server = resolveServer(flags);
    const nativeConnection = await NativeConnection.connect(server.connectionOptions).catch((cause: unknown) => {
      throw unreachable(server, cause);
    });
    const needsModel = SHIPPED_EXPERIMENTS.includes(name as ShippedExperiment) && !modelIsConfigured();
    const model = needsModel ? await startLocalModelBeside() : null;
    try {
      const say = (line: string): void => terminal.notice(line);
      return await runFaultExperiment(experiment, {
        client,
        nativeConnection,
        namespace,
        seed,
        atATime,
        placement,
        say,
      });
    } finally {
      await model?.stop();
      await nativeConnection.close();
    }
  });
  terminal.result(report, flags.json === true, faultsTable);
  if (flags.report !== undefined) await writeFile(flags.report, `${JSON.stringify(report, null, 2)}\n`);
}

function only(experiment: FaultExperiment, names: string): FaultExperiment {
  const operations = names.split(',').map((name) => name.trim());
  const known = Object.keys(experiment.activities);
  for (const operation of operations) {
    if (known.includes(operation)) continue;
    throw new OperatorError(`--operations: there is no activity "${operation}"; there are: ${known.join(', ')}.`);
  }
  return { ...experiment, operations };
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new OperatorError(`${option} is "${text}": use a whole number of at least ${least}.`);
}

function amount(option: string, text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new OperatorError(`${option} is "${text}": use a number of at least 0.`);
}

async function prepare(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(`--report: ${file} cannot be written (${reason}).`, { cause });
  }
}
