import type { TrailCall } from '../forecast/trail';
import type { Hypothesis } from './hypothesis';
import { Launch } from './launch';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';

const DEFAULT_TRAIL_CALLS = 64;

/**
 * The calls before an operation in the world in which it is running: those of the authoritative run that have been answered, and for a launch
 * also what is assumed about those that have not. In the order in which they were asked for, the latest ones.
 */
export function trailOf(pipeline: Pipeline, operation: Operation): TrailCall[] {
  const world = operation instanceof Launch && !operation.claimed ? operation.worlds[0] : undefined;
  const calls: TrailCall[] = [];
  for (const call of [...pipeline.journal.values(), ...launchesOf(pipeline, operation)]) {
    if (call === operation) continue;
    const output = outputOf(call, world ?? []);
    if (output !== undefined) calls.push({ operation: call.activityType, args: call.args, output: output.value });
  }
  return calls.slice(-(pipeline.settings?.trailCalls ?? DEFAULT_TRAIL_CALLS));
}

/** Launches that the fibers behind a launch have seen, in the order in which they were made. */
function launchesOf(pipeline: Pipeline, operation: Operation): Launch[] {
  if (!(operation instanceof Launch) || operation.claimed) return [];
  const [fiber] = operation.askers;
  return [...pipeline.launches.values()].filter((launch) => fiber !== undefined && launch.askers.has(fiber));
}

function outputOf(call: Operation, world: readonly Hypothesis[]): { value: unknown } | undefined {
  const { outcome } = call;
  if (outcome.state === 'resolved') return { value: outcome.value };
  const assumed = world.find((hypothesis) => hypothesis.operation === call);
  return assumed === undefined || outcome.state === 'rejected' ? undefined : { value: assumed.forecast.value };
}
