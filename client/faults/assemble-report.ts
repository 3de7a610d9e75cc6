import { randomStream } from '../../bench/simulator/random-stream';
import type { FaultExperiment } from '../../speculation/plugin/fault-experiment';
import {
  placeVerifiers,
  type PlacementSettings,
  type VerifierOption,
} from '../../speculation/verification/verifier-placement';
import { rankByDamage, type ErrorCount, type Vulnerability } from '../../speculation/verification/vulnerability';
import type { FaultEffect, FaultReport } from './fault-report';
import type { CleanPair, FaultedRun } from './run-fault-experiment';

/** All runs of an experiment. */
interface Measured {
  operations: readonly string[];
  clean: readonly CleanPair[];
  faulted: readonly FaultedRun[];
  seed: number;
}

export function faultReport(
  experiment: FaultExperiment,
  { operations, clean, faulted, seed }: Measured,
  settings: PlacementSettings,
): FaultReport {
  const observations = faulted.map(({ operation, fault, input, score }) => ({
    operation,
    fault,
    input: String(input),
    cleanScore: clean[input]?.cleanScore ?? 0,
    // Whoever asked got nothing.
    faultedScore: score ?? 0,
  }));
  const ranking = rankByDamage(observations, errorsIn(experiment, clean), randomStream(seed, 'faults'));
  return {
    pipeline: experiment.pipeline,
    inputs: clean.length,
    seed,
    cleanRuns: 2 * clean.length,
    faultedRuns: faulted.length,
    cleanScore: mean(clean.map(({ cleanScore }) => cleanScore)),
    ranking,
    effects: operations.flatMap((operation) =>
      experiment.faults.map(({ name }) => effectOf(operation, name, faulted, clean.length)),
    ),
    placement:
      experiment.verifiers.length === 0 ? null : placeVerifiers(verifierOptions(experiment, ranking), settings),
  };
}

function effectOf(operation: string, fault: string, faulted: readonly FaultedRun[], inputs: number): FaultEffect {
  const own = faulted.filter((run) => run.operation === operation && run.fault === fault);
  return {
    operation,
    fault,
    runs: own.length,
    failed: own.filter(({ score }) => score === null).length,
    skipped: inputs - own.length,
    meanScore: own.length === 0 ? null : mean(own.map(({ score }) => score ?? 0)),
  };
}

/** In runs without a fault. */
function errorsIn({ isWrong }: FaultExperiment, clean: readonly CleanPair[]): Record<string, ErrorCount> {
  const calls = clean.flatMap(({ reference }) => reference.calls);
  return Object.fromEntries(
    Object.entries(isWrong).map(([operation, isWrongOutput]) => {
      const own = calls.filter((call) => call.operation === operation);
      return [
        operation,
        { wrong: own.filter(({ output, args }) => isWrongOutput(output, ...args)).length, of: own.length },
      ];
    }),
  );
}

function verifierOptions({ verifiers }: FaultExperiment, ranking: readonly Vulnerability[]): VerifierOption[] {
  return verifiers.map(({ operation, verifier, usd, catches }) => {
    const damage = ranking.find((each) => each.operation === operation)?.expectedDamage ?? 0;
    return { operation, verifier, damageAvoided: catches * damage, costUsd: usd };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
