import type { TrailCall } from '../forecast/trail';
import type { Hypothesis } from './hypothesis';
import { Launch } from './launch';
import type { Operation } from './operation';
import { OtherCall } from './other-call';
import type { Pipeline } from './pipeline';

const DEFAULT_TRAIL_CALLS = 64;

/**
 * The calls before an operation in the world in which it is running: those of the authoritative run that have been answered, and for a launch
 * also what is assumed about those that have not. In the order in which they were asked for, the latest ones. Calls of activities only: of
 * timers, children and local activities nothing is said.
 */
export function trailOf(pipeline: Pipeline, operation: Operation): TrailCall[] {
  const world = operation instanceof Launch && !operation.claimed ? (operation.worlds[0] ?? []) : [];
  const calls: TrailCall[] = [];
  for (const call of [...pipeline.journal.values(), ...launchesOf(pipeline, operation, world)]) {
    if (call === operation || call instanceof OtherCall) continue;
    const output = outputOf(call, world);
    // An activity without a result is one with the result null: a look-up is JSON.
    if (output !== undefined) {
      calls.push({ operation: call.activityType, args: call.args, output: output.value ?? null });
    }
  }
  return calls.slice(-(pipeline.settings?.trailCalls ?? DEFAULT_TRAIL_CALLS));
}

/** Launches that the fiber behind a launch has seen or assumes an output of, in the order in which they were made. */
function launchesOf(pipeline: Pipeline, operation: Operation, world: readonly Hypothesis[]): Launch[] {
  if (!(operation instanceof Launch) || operation.claimed) return [];
  const [fiber] = operation.askers;
  return [...pipeline.launches.values()].filter(
    (launch) =>
      (fiber !== undefined && launch.askers.has(fiber)) || world.some((hypothesis) => hypothesis.operation === launch),
  );
}

function outputOf(call: Operation, world: readonly Hypothesis[]): { value: unknown } | undefined {
  const { outcome } = call;
  if (outcome.state === 'resolved') return { value: outcome.value };
  const assumed = world.find((hypothesis) => hypothesis.operation === call);
  // Of an output that streams only some is known.
  if (assumed === undefined || assumed.forecast.source === 'stream' || outcome.state === 'rejected') return undefined;
  return { value: assumed.forecast.value };
}
