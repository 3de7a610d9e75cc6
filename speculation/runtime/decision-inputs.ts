import type { DecisionInputs, HypothesisProbability } from '../decision/decision';
import { forecastProbability } from '../estimate/beta-posterior';
import { expectedOverlapSeconds, maxOf, remainingSeconds } from '../estimate/overlap';
import type { Fiber } from './fiber';
import type { Hypothesis } from './hypothesis';
import type { Pipeline } from './pipeline';

const DIGEST_LENGTH = 200;

/** Collects what the decision about one call of a fiber depends on; all of it is recorded or workflow time. */
export function decisionInputs(
  pipeline: Pipeline,
  fibers: readonly Fiber[],
  newest: Hypothesis,
  activityType: string,
): DecisionInputs {
  const upstream = newest.operation;
  const briefing = upstream.briefing;
  if (briefing === null) throw new Error(`${upstream.activityType} was forecast without a briefing`);
  const downstream = briefing.downstream[activityType];
  const open = fibers.flatMap((fiber) => fiber.openHypotheses);
  const remaining = open
    .map((hypothesis) => remainingOf(hypothesis, pipeline.nowMs))
    .reduce((left, right) => maxOf(left, right));
  return {
    id: pipeline.nextDecision(),
    atMs: pipeline.nowMs,
    pipeline: pipeline.type,
    upstream: upstream.activityType,
    downstream: activityType,
    dependencyType: briefing.prior.type,
    k: briefing.prior.k,
    phase: 'launch',
    maxDepth: pipeline.settings?.limits.maxDepth ?? 0,
    depth: Math.max(...fibers.map((fiber) => fiber.depth)) + 1,
    supports: distinctWorlds(fibers).map((world) =>
      world.map((hypothesis) => probabilityOf(hypothesis, hypothesis === newest ? activityType : null)),
    ),
    forecastDigest: newest.digest.slice(0, DIGEST_LENGTH),
    declared:
      downstream === undefined
        ? null
        : { effect: downstream.effect, disclosure: downstream.disclosure, abandonSafe: downstream.abandonSafe },
    knob: pipeline.knob,
    cost: downstream?.cost ?? { kind: 'fixed', usd: 0 },
    latencySavedSeconds: expectedOverlapSeconds(remaining, downstream?.latencySeconds ?? []),
    openLaunches: pipeline.openLaunches.length,
    maxOpenLaunches: pipeline.settings?.limits.maxOpenLaunches ?? 0,
    ...pipeline.spending(),
    policyName: pipeline.settings?.policyName ?? 'sequential',
    policyVersion: briefing.policyVersion,
    priceVersion: briefing.priceVersion,
  };
}

function remainingOf(hypothesis: Hypothesis, nowMs: number): number[] {
  const { briefing, startedAtMs } = hypothesis.operation;
  return remainingSeconds(briefing?.latencySeconds ?? [], (nowMs - startedAtMs) / 1000);
}

/** Fibers whose open hypotheses are the same are one world and count once. */
function distinctWorlds(fibers: readonly Fiber[]): Hypothesis[][] {
  const worlds: Hypothesis[][] = [];
  for (const { openHypotheses } of fibers) {
    const known = worlds.some(
      (world) => world.length === openHypotheses.length && world.every((each) => openHypotheses.includes(each)),
    );
    if (!known) worlds.push(openHypotheses);
  }
  return worlds;
}

/** The posterior of the edge for the newest hypothesis; earlier ones keep the edge they were first asked along. */
function probabilityOf(hypothesis: Hypothesis, activityType: string | null): HypothesisProbability {
  const { briefing, activityType: upstream } = hypothesis.operation;
  const { source, rank, counts } = hypothesis.forecast;
  if (briefing === null) throw new Error(`${upstream} was forecast without a briefing`);
  const [firstAsked] = hypothesis.askedFor;
  const edge = activityType ?? firstAsked;
  const observed = (edge && briefing.downstream[edge]?.observed[hypothesis.key]) || { successes: 0, failures: 0 };
  const posterior = forecastProbability(briefing.prior, observed, counts ?? null);
  return { upstream, source, rank, counts: counts ?? null, ...posterior };
}
