import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { Worker, type NativeConnection } from '@temporalio/worker';
import type { FaultExperiment } from '../../speculation/plugin/fault-experiment';
import { FaultInjector } from '../../speculation/plugin/fault-injector';
import type { PlacementSettings } from '../../speculation/verification/verifier-placement';
import { OperatorError } from '../operator-error';
import { faultReport } from './assemble-report';
import type { FaultReport } from './fault-report';
import { inPool } from './in-pool';
import { runOnce, type FaultStage, type Outcome } from './run-once';

export interface FaultRunOptions {
  client: Client;
  nativeConnection: NativeConnection;
  namespace: string;
  seed: number;
  /** Runs at the same time. @default 4 */
  atATime?: number;
  /** For the placement of verifiers. @default the budget is unbounded, lambda 0 */
  placement?: PlacementSettings;
  say: (line: string) => void;
}

/** One input: its reference, and a second run without a fault, which says how much results differ by themselves. */
export interface CleanPair {
  input: unknown;
  reference: Extract<Outcome, { ended: true }>;
  cleanScore: number;
}

/** One run with a fault. */
export interface FaultedRun {
  operation: string;
  fault: string;
  input: number;
  /** Null where the run ended without a result. */
  score: number | null;
}

const AT_A_TIME = 4;

/**
 * Runs a pipeline with a fault in one operation at a time, on a real server and a worker of its own, without Runahead: what a fault does
 * does not depend on when a call was made. Workflows and activities are the user's, unmodified.
 *
 * @throws OperatorError when a run without a fault does not end well: then nothing can be compared with it
 */
export async function runFaultExperiment(experiment: FaultExperiment, options: FaultRunOptions): Promise<FaultReport> {
  const { client, nativeConnection, namespace, atATime = AT_A_TIME, say } = options;
  const injector = new FaultInjector(experiment);
  const taskQueue = `runahead-faults-${randomUUID()}`;
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace,
    taskQueue,
    ...experiment.workflows,
    activities: injector.activities(),
  });
  const stage: FaultStage = { client, taskQueue, injector, experiment };
  return worker.runUntil(async () => {
    const clean = await inPool(experiment.inputs, atATime, (input) => cleanPair(stage, input));
    const operations = experiment.operations ?? operationsIn(clean);
    say(`${experiment.inputs.length} inputs answered without a fault; operations: ${operations.join(', ')}`);
    const planned = operations.flatMap((operation) =>
      experiment.faults.flatMap((model) => clean.map((pair, index) => ({ operation, model, pair, index }))),
    );
    const runs = await inPool(planned, atATime, async ({ operation, model, pair, index }) => {
      const others = outputsOf(operation, clean, index);
      const fault = { operation, model, others, turn: options.seed + index };
      if (!pair.reference.calls.some((call) => changes(call.output, operation === call.operation, fault))) return null;
      const outcome = await runOnce(stage, pair.input, fault);
      const score = outcome.ended ? scoreOf(experiment, outcome.result, pair.input, pair.reference.result) : null;
      return { operation, fault: model.name, input: index, score };
    });
    const faulted = runs.filter((run) => run !== null);
    say(`${faulted.length} runs with a fault, ${runs.length - faulted.length} that no fault could change`);
    return faultReport(experiment, { operations, clean, faulted, seed: options.seed }, options.placement ?? {});
  });
}

function changes(
  output: unknown,
  isOwn: boolean,
  { model, others, turn }: Parameters<typeof runOnce>[2] & object,
): boolean {
  return isOwn && model.change(output, others, turn) !== undefined;
}

async function cleanPair(stage: FaultStage, input: unknown): Promise<CleanPair> {
  const [reference, again] = await Promise.all([runOnce(stage, input, null), runOnce(stage, input, null)]);
  for (const outcome of [reference, again]) if (!outcome.ended) throw failedClean(stage.experiment, outcome.reason);
  if (!reference.ended || !again.ended) throw new Error('a failed run was let through');
  return { input, reference, cleanScore: scoreOf(stage.experiment, again.result, input, reference.result) };
}

function scoreOf({ score }: FaultExperiment, result: unknown, input: unknown, reference: unknown): number {
  const value = score(result, { input, reference });
  if (value >= 0 && value <= 1) return value;
  throw new OperatorError(`faults: the score of a result is ${String(value)}; it must be a number from 0 to 1.`);
}

function operationsIn(clean: readonly CleanPair[]): string[] {
  return [...new Set(clean.flatMap(({ reference }) => reference.calls.map(({ operation }) => operation)))];
}

function outputsOf(operation: string, clean: readonly CleanPair[], butOf: number): unknown[] {
  return clean.flatMap(({ reference }, index) =>
    index === butOf ? [] : reference.calls.filter((call) => call.operation === operation).map(({ output }) => output),
  );
}

function failedClean({ pipeline }: FaultExperiment, reason: string): OperatorError {
  return new OperatorError(
    `faults: ${pipeline} failed without any fault (${reason}); nothing can be compared with that.`,
  );
}
