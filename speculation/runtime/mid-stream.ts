import { decide } from '../decision/decision';
import type { CostBriefing } from '../forecast/briefing';
import { decisionInputs } from './decision-inputs';
import type { Fiber } from './fiber';
import type { Launch } from './launch';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { discard } from './reaper';

/**
 * Mid-stream cancel, second test: upstream's stream has said something new, and the rule is asked again about what runs on forecasts of its
 * output. A launch that it would not make today is given up. The method leaves open what is compared (PROPOSED, both readings are ours):
 * the full cost of the launch as when it was made, or what it has yet to cost, because what is spent is spent.
 *
 * What a launch saves is the same in both: it has run for a while already, and giving it up loses that too.
 */
export function reviewLaunches(pipeline: Pipeline, operation: Operation): void {
  const reading = pipeline.settings?.midStreamCancel ?? 'contradiction';
  if (reading === 'contradiction') return;
  for (const launch of pipeline.launches.values()) {
    if (launch.claimable && launch.state === 'running') review(pipeline, operation, launch, reading);
  }
}

function review(
  pipeline: Pipeline,
  operation: Operation,
  launch: Launch,
  reading: 'full-cost' | 'remaining-cost',
): void {
  const fibers = [...launch.askers].filter(isPossible);
  const newest = fibers.at(-1)?.openHypotheses.at(-1);
  const concerned = fibers.some((fiber) =>
    fiber.openHypotheses.some((hypothesis) => hypothesis.operation === operation),
  );
  if (newest === undefined || !concerned) return;

  const { activityType, args, options, identity, activityId, decision } = launch;
  const input = { activityType, args, options, headers: {}, seq: 0 };
  const inputs = decisionInputs(pipeline, fibers, launch.depth - 1, newest, identity, input);
  const elapsedSeconds = (pipeline.nowMs - launch.startedAtMs) / 1000;
  const fraction = fractionDone(
    elapsedSeconds,
    newest.operation.briefing?.downstream[activityType]?.latencySeconds ?? [],
  );
  const row = decide({
    ...inputs,
    phase: 'stream',
    plan: undefined,
    cost: reading === 'full-cost' ? decision.cost : remainingCost(decision.cost, fraction),
    latencySavedSeconds: elapsedSeconds + inputs.latencySavedSeconds,
    midStream: { activityId, reading, fraction },
  });
  // Slots and budgets are no reason: it has its place already.
  if (row.reason !== 'not-worth-it' && row.reason !== 'speculation-off') return;
  pipeline.books.decisions.log({ ...row, id: pipeline.nextDecision() }, { hypothesis: newest });
  discard(pipeline, launch);
}

function isPossible({ hypotheses }: Fiber): boolean {
  return (
    hypotheses.every(({ state }) => state === 'open' || state === 'confirmed') &&
    hypotheses.some(({ state }) => state === 'open')
  );
}

/** Share of its usual duration that a call has run for: what its stream has produced by then, where nothing else is known. */
function fractionDone(elapsedSeconds: number, points: readonly number[]): number {
  const mean = points.reduce((sum, seconds) => sum + seconds, 0) / points.length;
  return mean > 0 ? Math.min(1, elapsedSeconds / mean) : 0;
}

/** waste(f) = n_in r_in + f n_out r_out is spent (method, section 6); what is left is (1 - f) n_out r_out. A fixed price is spent at once. */
function remainingCost(cost: CostBriefing, fraction: number): CostBriefing {
  if (cost.kind === 'fixed') return { kind: 'fixed', usd: 0 };
  const { outputTokens } = cost.expected;
  const expected = { inputTokens: 0, cachedInputTokens: 0, outputTokens: (1 - fraction) * outputTokens };
  return { ...cost, expected };
}
