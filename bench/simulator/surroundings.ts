import { speculativeCostUsd } from '../../speculation/decision/speculative-cost';
import type { LaunchSurroundings } from '../../speculation/policies/launch-policy';
import { overlapOf } from './overlap';
import { operationOf, type Circumstances } from './question';
import type { Launch, Version } from './world';

/**
 * What a candidate launch is part of, as the runtime tells it (speculation/runtime/surroundings.ts). What usually follows is weighted by
 * the best forecast of its input, as the plan of a pipeline does.
 *
 * @param inputs what the launch would start from, as far as it is not known
 * @param remaining of what the launch waits for: equally likely points, seconds
 */
export function surroundingsOf(
  circumstances: Circumstances,
  operation: number,
  upstream: number,
  inputs: readonly Version[],
  remaining: readonly number[],
): LaunchSurroundings {
  const { operations } = circumstances;
  const { expected } = operationOf(operations, operation);
  const downstreamSeconds = meanOf(expected.latencySeconds);
  let chainSeconds = downstreamSeconds;
  let chainUsd = speculativeCostUsd(expected.cost);
  const launches = builtOn(inputs);
  for (const launch of launches) {
    const { decision } = launch;
    if (!isGuessed(launch, inputs, launches)) chainSeconds += decision.surroundings?.downstreamSeconds ?? 0;
    chainUsd += decision.speculativeCostUsd;
  }
  return {
    upstreamSeconds: meanOf(operationOf(operations, upstream).expected.latencySeconds),
    upstreamRemainingSeconds: sumOf(remaining) / Math.max(1, remaining.length),
    downstreamSeconds,
    chainSeconds,
    chainUsd,
    unlockSeconds: unlockedBy(circumstances, operation),
  };
}

/** Unclaimed launches that these inputs rest on, however far back. */
function builtOn(inputs: readonly Version[], found: Launch[] = []): readonly Launch[] {
  for (const { subject } of inputs) {
    const { launch } = subject;
    if (launch === null || launch.claimed || found.includes(launch)) continue;
    found.push(launch);
    builtOn(launch.inputs, found);
  }
  return found;
}

/** Whether what builds on a launch goes by a guess at its output, and does not wait for it. */
function isGuessed(launch: Launch, inputs: readonly Version[], launches: readonly Launch[]): boolean {
  return [inputs, ...launches.map((each) => each.inputs)].some((versions) =>
    versions.some(({ subject, guess }) => subject.launch === launch && guess !== null),
  );
}

/** What the calls that usually follow would save in their turn; each edge counts once, however often it comes in the run. */
function unlockedBy({ operations, options, dependentsOf }: Circumstances, index: number): number {
  const { name, drafts, expected } = operationOf(operations, index);
  const draft = drafts[0];
  const candidate = draft?.candidates[0];
  if (draft === undefined || candidate === undefined) return 0;
  let seconds = 0;
  const counted: string[] = [];
  for (const dependent of dependentsOf(index)) {
    const downstream = operationOf(operations, dependent);
    if (counted.includes(downstream.name)) continue;
    counted.push(downstream.name);
    const guess = { upstream: name, downstream: downstream.name, source: draft.source, candidate };
    seconds +=
      options.beliefs.probabilityOf(guess).probability *
      overlapOf(expected.latencySeconds, downstream.expected.latencySeconds);
  }
  return seconds;
}

const means = new WeakMap<readonly number[], number>();

/** The mean of expected durations; a workload gives the same list to every run. */
export function meanOf(points: readonly number[]): number {
  let mean = means.get(points);
  if (mean === undefined) {
    mean = sumOf(points) / Math.max(1, points.length);
    means.set(points, mean);
  }
  return mean;
}

function sumOf(points: readonly number[]): number {
  let sum = 0;
  for (const point of points) sum += point;
  return sum;
}
