import type { ActivityInput } from '@temporalio/workflow';
import type { Declared } from '../decision/admissibility';
import type { DecisionInputs, HypothesisProbability } from '../decision/decision';
import { forecastProbability } from '../estimate/beta-posterior';
import type { DependencyPrior } from '../estimate/dependency-type';
import { FINAL_FIELD_PRIOR } from '../estimate/final-field-prior';
import { expectedOverlapSeconds, maxOf, remainingSeconds } from '../estimate/overlap';
import type { Briefing, DownstreamBriefing } from '../forecast/briefing';
import type { Fiber } from './fiber';
import type { Hypothesis } from './hypothesis';
import type { Pipeline } from './pipeline';
import { edgeKey } from './edge-key';
import { surroundingsOf } from './surroundings';

const DIGEST_LENGTH = 200;

/**
 * Collects what the decision about one call of fibers depends on; all of it is recorded or workflow time. The number of the decision is
 * still 0: it is given when the decision is made.
 *
 * @param depth number of launches that the call builds on
 */
export function decisionInputs(
  pipeline: Pipeline,
  fibers: readonly Fiber[],
  depth: number,
  newest: Hypothesis,
  identity: string,
  { activityType }: ActivityInput,
): DecisionInputs {
  const upstream = newest.operation;
  const briefing = upstream.briefing;
  if (briefing === null) throw new Error(`${upstream.activityType} was forecast without a briefing`);
  const prior = priorOf(newest, briefing);
  const downstream = briefing.downstream[activityType];
  const open = fibers.flatMap((fiber) => fiber.openHypotheses);
  const remaining = open
    .map((hypothesis) => remainingOf(hypothesis, pipeline.nowMs))
    .reduce((left, right) => maxOf(left, right));
  return {
    id: 0,
    atMs: pipeline.nowMs,
    pipeline: pipeline.type,
    upstream: upstream.activityType,
    downstream: activityType,
    dependencyType: prior.type,
    k: prior.k,
    phase: 'launch',
    maxDepth: pipeline.settings?.limits.maxDepth ?? 0,
    depth: depth + 1,
    supports: distinctWorlds(fibers).map((world) =>
      world.map((hypothesis) => probabilityOf(hypothesis, hypothesis === newest ? activityType : null)),
    ),
    siblings: pipeline.ranksLaunches ? siblingsOf(pipeline, newest, identity, activityType) : undefined,
    forecastDigest: newest.digest.slice(0, DIGEST_LENGTH),
    declared: downstream === undefined ? null : declaredOf(downstream),
    knob: pipeline.knob,
    cost: downstream?.cost ?? { kind: 'fixed', usd: 0 },
    mostUsd: downstream?.mostUsd,
    latencySavedSeconds: expectedOverlapSeconds(remaining, downstream?.latencySeconds ?? []),
    openLaunches: pipeline.openLaunches.length,
    maxOpenLaunches: pipeline.settings?.limits.maxOpenLaunches ?? 0,
    ...pipeline.books.spending(),
    sharedBudget: briefing.sharedBudget,
    calibration: downstream?.calibration,
    plan: pipeline.plan.get(edgeKey(upstream.activityType, activityType)),
    surroundings: surroundingsOf(pipeline, fibers.at(-1), upstream, activityType, downstream, remaining),
    policyName: pipeline.policyName,
    policyVersion: briefing.policyVersion,
    priceVersion: briefing.priceVersion,
  };
}

/** Open launches along the same edge that rest on another forecast of the same output: at most one of them is right. */
function siblingsOf(pipeline: Pipeline, newest: Hypothesis, identity: string, activityType: string): number[] {
  const excludes = (hypothesis: Hypothesis): boolean =>
    hypothesis !== newest && hypothesis.operation === newest.operation && hypothesis.state === 'open';
  return [...pipeline.launches.values()]
    .filter((launch) => launch.activityType === activityType && launch.identity !== identity && launch.claimable)
    .filter(({ worlds }) => worlds.every((world) => world.some(excludes)))
    .map(({ decision }) => decision.P);
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

/**
 * The posterior of the edge for the newest hypothesis; earlier ones keep the edge they were first asked along. Different values of one
 * output exclude each other, so what its stream has ruled out makes the others more likely: P(h | not w) = P(h) / (1 - P(w)). PROPOSED,
 * ours: the paper names streaming re-estimation and no formula.
 */
export function probabilityOf(hypothesis: Hypothesis, activityType: string | null): HypothesisProbability {
  const estimate = estimateOf(hypothesis, activityType);
  const { source } = hypothesis.forecast;
  if (source === 'stream' || source === 'user') return estimate;
  const withdrawn = hypothesis.operation.hypotheses.filter(
    ({ state, forecast }) => state === 'withdrawn' && forecast.source !== 'stream',
  );
  if (withdrawn.length === 0) return estimate;
  const ruledOut = withdrawn.reduce((sum, each) => sum + estimateOf(each, activityType).probability, 0);
  const left = Math.max(estimate.probability, 1 - ruledOut);
  return { ...estimate, probability: left > 0 ? estimate.probability / left : 0, ruledOut };
}

function estimateOf(hypothesis: Hypothesis, activityType: string | null): HypothesisProbability {
  const { briefing, activityType: upstream } = hypothesis.operation;
  const { source, rank, counts, confidence } = hypothesis.forecast;
  if (briefing === null) throw new Error(`${upstream} was forecast without a briefing`);
  const [firstAsked] = hypothesis.askedFor.keys();
  const edge = activityType ?? firstAsked;
  const downstream = edge === undefined ? undefined : briefing.downstream[edge];
  const observed = downstream?.observed[hypothesis.key];
  const inBucket = downstream?.bucketObserved?.[hypothesis.key];
  const posterior = forecastProbability(priorOf(hypothesis, briefing), observed, counts ?? null, inBucket);
  return {
    upstream,
    source,
    rank,
    counts: counts ?? null,
    ...(confidence !== undefined && { confidence }),
    ...posterior,
  };
}

/** What is final, or what somebody has said who knows, is another thing than a guess, whatever the output is. */
function priorOf({ forecast }: Hypothesis, { prior }: Briefing): DependencyPrior {
  return forecast.source === 'stream' || forecast.source === 'user' ? FINAL_FIELD_PRIOR : prior;
}

/** What a briefing says of the effect of an operation. */
export function declaredOf({ effect, disclosure, abandonSafe, barrier, hinted }: DownstreamBriefing): Declared {
  return {
    effect,
    disclosure,
    abandonSafe,
    ...(barrier === undefined ? {} : { barrier }),
    ...(hinted === undefined ? {} : { hinted }),
  };
}
