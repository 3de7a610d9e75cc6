import { decideAsk } from '../../speculation/decision/ask-draft';
import { decide, type Decision, type HypothesisProbability } from '../../speculation/decision/decision';
import { speculativeCostUsd } from '../../speculation/decision/speculative-cost';
import { maxOf, remainingSeconds } from '../../speculation/estimate/overlap';
import type { Guess } from './beliefs';
import type { ResolvedOptions } from './options';
import { overlapSeconds } from './overlap';
import type { DraftDraw, OperationDraw } from './run-draw';
import { surroundingsOf } from './surroundings';
import type { Hypothesis, Launch, Subject, Version } from './world';

/*
 * What the project's own rule is asked, and with what. The same inputs as the runtime collects: posteriors, durations that remain,
 * expected cost, budget, depth.
 */

/** What a question needs to know about the run that it comes up in. */
export interface Circumstances {
  run: number;
  workload: string;
  operations: readonly OperationDraw[];
  nowSeconds: number;
  options: ResolvedOptions;
  openLaunches: readonly Launch[];
  /** Operations that need the output of this one. */
  dependentsOf: (operation: number) => readonly number[];
  /** Unclaimed spending so far, and what is set aside for launches that still run, US dollars. Asked only if there is a budget. */
  spending: () => { spentUsd: number; reservedUsd: number };
  nextId: () => number;
}

/**
 * Asks the rule about one launch.
 *
 * @param assumes what has to be right for it to be used
 * @param inputs what it would start from, as far as it is not known
 */
export function askForLaunch(
  circumstances: Circumstances,
  operation: number,
  assumes: readonly Hypothesis[],
  inputs: readonly Version[],
  depth: number,
): Decision {
  const { options, operations, nowSeconds, openLaunches } = circumstances;
  const drawn = operationOf(operations, operation);
  const newest = assumes.at(-1);
  if (newest === undefined) throw new RangeError('a launch rests on at least one hypothesis');
  const upstream = operationOf(operations, newest.subject.operation);
  const rivals = openLaunches.filter(
    (launch) =>
      launch.operation === operation &&
      launch.assumes.some((hypothesis) => hypothesis.subject === newest.subject && hypothesis !== newest),
  );
  const exclusive = upstream.candidates === 'exclusive';
  const supports = assumes.map((hypothesis) => probabilityOf(circumstances, hypothesis, drawn.name));
  if (!exclusive) {
    // What the others leave: the guess counts only where none of them is right as well.
    const last = supports.at(-1);
    if (last !== undefined) for (const { decision } of rivals) last.probability *= 1 - ownProbability(decision);
  }
  let remaining: readonly number[] = [];
  for (const [index, { subject }] of assumes.entries()) {
    const left = remainingOf(circumstances, subject);
    remaining = index === 0 ? left : maxOf(remaining, left);
  }
  const declared =
    options.staging && drawn.declared?.effect === 'staged'
      ? { ...drawn.declared, effect: 'none' as const }
      : drawn.declared;
  return decide(
    {
      id: circumstances.nextId(),
      atMs: nowSeconds * 1000,
      pipeline: circumstances.workload,
      upstream: upstream.name,
      downstream: drawn.name,
      dependencyType: options.beliefs.prior.type,
      k: options.beliefs.prior.k,
      phase: 'launch',
      depth,
      maxDepth: options.maxDepth,
      supports: [supports],
      ...(exclusive && rivals.length > 0 && { siblings: rivals.map(({ decision }) => decision.P) }),
      forecastDigest: `#${newest.candidate.rank}`,
      declared,
      knob: options.knob,
      cost: drawn.expected.cost,
      latencySavedSeconds: overlapSeconds(remaining, drawn.expected.latencySeconds),
      openLaunches: openLaunches.length,
      maxOpenLaunches: options.maxOpenLaunches,
      ...spendingTexts(circumstances),
      surroundings: surroundingsOf(circumstances, operation, newest.subject.operation, inputs, remaining),
      right: assumes.every(({ candidate }) => candidate.right),
      policyName: options.policy.name,
      policyVersion: 'simulated',
      priceVersion: 'simulated',
    },
    options.policy,
  );
}

/** Asks whether a draft is worth its price. */
export function isWorthAsking(
  circumstances: Circumstances,
  subject: Subject,
  draft: DraftDraw,
  downstream: readonly number[],
): boolean {
  const { options, operations, nowSeconds } = circumstances;
  const upstream = operationOf(operations, subject.operation);
  const first = draft.candidates[0];
  if (first === undefined) return false;
  const draftCostUsd = draft.expected?.usd ?? draft.inputUsd + draft.outputUsd;
  const points = draft.expected?.latencySeconds ?? [draft.latencySeconds];
  const draftSeconds = points.reduce((sum, point) => sum + point, 0) / points.length;
  const remaining = remainingOf(circumstances, subject).map((seconds) => Math.max(0, seconds - draftSeconds));
  const { decision } = decideAsk({
    id: circumstances.nextId(),
    atMs: nowSeconds * 1000,
    pipeline: circumstances.workload,
    phase: 'ask',
    upstream: upstream.name,
    draft: `${upstream.name} draft`,
    draftCostUsd,
    candidates: downstream.map((index) => {
      const drawn = operationOf(operations, index);
      const guess: Guess = { upstream: upstream.name, downstream: drawn.name, source: draft.source, candidate: first };
      return {
        downstream: drawn.name,
        P: options.beliefs.probabilityOf(guess).probability,
        speculativeCostUsd: speculativeCostUsd(drawn.expected.cost),
        latencySavedSeconds: overlapSeconds(remaining, drawn.expected.latencySeconds),
      };
    }),
    knob: options.knob,
    ...spendingTexts(circumstances),
  });
  return decision === 'ask';
}

/** How likely a hypothesis is right by what its edge has taught and its stream has said. */
export function probabilityOf(
  { options, operations }: Pick<Circumstances, 'options' | 'operations'>,
  { subject, source, candidate, reestimate }: Hypothesis,
  downstream: string,
): HypothesisProbability {
  const upstream = operationOf(operations, subject.operation).name;
  const believed = options.beliefs.probabilityOf({ upstream, downstream, source, candidate });
  return {
    upstream,
    source,
    rank: candidate.rank,
    ...(candidate.confidence !== undefined && { confidence: candidate.confidence }),
    ...believed,
    ...(reestimate !== null && { probability: reestimate }),
  };
}

export function operationOf(operations: readonly OperationDraw[], index: number): OperationDraw {
  const operation = operations[index];
  if (operation === undefined) throw new RangeError(`a run has no operation ${index}`);
  return operation;
}

/** What remains of a call, as far as decisions know. */
export function remainingOf(
  { operations, nowSeconds }: Pick<Circumstances, 'operations' | 'nowSeconds'>,
  { operation, call }: Subject,
): readonly number[] {
  const elapsed = nowSeconds - (call.startedSeconds ?? nowSeconds);
  const points = operationOf(operations, operation).expected.latencySeconds;
  return elapsed === 0 && (points[0] ?? 0) > 0 ? points : remainingSeconds(points, elapsed);
}

/** The probability of the newest hypothesis of a decision alone. */
function ownProbability({ supports }: Decision): number {
  return supports[0]?.at(-1)?.probability ?? 0;
}

function spendingTexts({ options, spending }: Circumstances): { spentUsd: string; reservedUsd: string } {
  if (options.knob.budgetUsd === null) return NOTHING_SPENT;
  const { spentUsd, reservedUsd } = spending();
  return { spentUsd: spentUsd.toFixed(12), reservedUsd: reservedUsd.toFixed(12) };
}

const NOTHING_SPENT = { spentUsd: '0', reservedUsd: '0' } as const;
