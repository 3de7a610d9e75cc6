import type { Declared } from '../../speculation/decision/admissibility';
import { tokensCostUsd, type TokenRates } from '../../speculation/decision/tokens';
import type { CostBriefing } from '../../speculation/forecast/briefing';
import type { ForecastSource } from '../../speculation/forecast/forecast';
import type { Distribution } from './distribution';
import type { Random } from './random-stream';
import type { CallDraw, CandidateDraw, DraftDraw, OperationDraw, Workload } from './run-draw';

/** What a call costs: tokens at separate rates, dollars a second, or a fixed price that is due when it starts. */
export type CallPrice =
  | { kind: 'tokens'; inputTokens: Distribution; outputTokens: Distribution; rates: TokenRates }
  | { kind: 'per-second'; usdPerSecond: number }
  | { kind: 'fixed'; usd: number };

/** Guesses at an operation's output. */
export interface DraftSpec {
  /** @default 'draft' */
  source?: ForecastSource;
  latency: Distribution;
  /** @default free */
  price?: CallPrice;
  /** Probability of each guess to be right, the best first. A distribution is drawn anew for each run. */
  hitProbabilities: readonly (number | Distribution)[];
  /** Exclusive guesses: at most one is right, and the probabilities add up to at most 1. @default 'exclusive' */
  candidates?: 'exclusive' | 'independent';
  /** One call gives all guesses, or each guess takes a call. @default 'together' */
  calls?: 'together' | 'each';
  /** A wrong guess is seen to be wrong when this share of the operation's own output is written. @default at its end */
  refutedAtShare?: Distribution;
  /** How sure the source says it is of a guess, 0 to 1. @default it does not say */
  confidence?: (guess: Pick<CandidateDraw, 'rank' | 'right' | 'trueProbability'>, random: Random) => number;
  /** Where it waits for a slot. @default unlimited */
  pool?: string;
}

/** One operation of a pipeline, as distributions. */
export interface OperationSpec {
  name: string;
  /** Names of the operations that it needs. @default the operation before it in the list */
  after?: readonly string[];
  latency: Distribution;
  /** @default free */
  price?: CallPrice;
  /** @default nobody guesses its output */
  draft?: DraftSpec;
  /** @default without effect, public */
  declared?: Declared | null;
  /** How often a call fails, halfway through its work. @default 0 */
  failureProbability?: number;
  /** Copies of a call that a policy can race against it, each with a latency of its own. @default 0 */
  copies?: number;
  /** @default unlimited */
  pool?: string;
}

/** An operation that reads only. */
export const READS_ONLY: Readonly<Declared> = { effect: 'none', disclosure: 'public', abandonSafe: false };

const FREE: CallPrice = { kind: 'fixed', usd: 0 };
const FAILS_AT_SHARE = 0.5;

/** A pipeline that is not one. */
export class InvalidPipelineError extends Error {
  readonly code = 'RUNAHEAD_INVALID_PIPELINE';
  override readonly name = 'InvalidPipelineError';
}

/**
 * A chain or a graph of operations as a workload.
 *
 * @throws InvalidPipelineError for an operation that needs one which does not come before it
 */
export function pipeline(name: string, operations: readonly OperationSpec[]): Workload {
  const prepared = operations.map((spec, index) => ({
    spec,
    after: inputsOf(spec, index, operations),
    expected: { latencySeconds: pointsOf(spec.latency), cost: expectedCost(spec.price ?? FREE, spec.latency) },
    draftPoints: spec.draft === undefined ? [] : pointsOf(spec.draft.latency),
  }));
  return {
    name,
    draw: (_run, random) => ({
      operations: prepared.map(({ spec, after, expected, draftPoints }): OperationDraw => {
        const call = drawCall(spec, random);
        return {
          name: spec.name,
          after,
          call: withCopies(call, spec, random),
          launched: withFailure(call, spec, random),
          astray: (anew) => withFailure(drawCall(spec, anew), spec, anew),
          drafts: spec.draft === undefined ? [] : drawDrafts(spec.draft, draftPoints, random),
          candidates: spec.draft?.candidates ?? 'exclusive',
          declared: spec.declared === undefined ? READS_ONLY : spec.declared,
          expected,
          ...(spec.pool !== undefined && { pool: spec.pool }),
        };
      }),
    }),
  };
}

/** The same operation over and over, each needing the one before it. */
export function chain(name: string, steps: number, operation: Omit<OperationSpec, 'after'>): Workload {
  return pipeline(
    name,
    Array.from({ length: steps }, () => operation),
  );
}

const points = new WeakMap<Distribution, readonly number[]>();

/** The points of a distribution that decisions are told: worked out once, and the same list for every operation that has it. */
export function pointsOf(distribution: Distribution): readonly number[] {
  let known = points.get(distribution);
  if (known === undefined) {
    known = distribution.points();
    points.set(distribution, known);
  }
  return known;
}

function inputsOf({ name, after }: OperationSpec, index: number, all: readonly OperationSpec[]): number[] {
  if (after === undefined) return index === 0 ? [] : [index - 1];
  return after.map((upstream) => {
    const found = all.findLastIndex((candidate, at) => at < index && candidate.name === upstream);
    if (found >= 0) return found;
    throw new InvalidPipelineError(`pipeline: ${name} needs ${upstream}, which does not come before it in the list`);
  });
}

/** What decisions are told about the price of a call. */
export function expectedCost(price: CallPrice, latency: Distribution): CostBriefing {
  switch (price.kind) {
    case 'tokens': {
      const expected = {
        inputTokens: price.inputTokens.mean,
        cachedInputTokens: 0,
        outputTokens: price.outputTokens.mean,
      };
      return { kind: 'tokens', model: 'simulated', expected, rates: price.rates };
    }
    case 'per-second':
      return { kind: 'fixed', usd: price.usdPerSecond * latency.mean };
    case 'fixed':
      return { kind: 'fixed', usd: price.usd };
  }
}

function drawCall({ latency, price = FREE, failureProbability = 0 }: OperationSpec, random: Random): CallDraw {
  const call = priced(price, latency.sample(random), random);
  return failureProbability > 0 && random() < failureProbability ? { ...call, failsAtShare: FAILS_AT_SHARE } : call;
}

function withCopies(call: CallDraw, { latency, copies = 0 }: OperationSpec, random: Random): CallDraw {
  if (copies === 0) return call;
  return { ...call, copies: Array.from({ length: copies }, () => latency.sample(random)) };
}

/** A launch fails independently of the plain call that would replace it. */
function withFailure(call: CallDraw, { failureProbability = 0 }: OperationSpec, random: Random): CallDraw {
  if (failureProbability === 0) return call;
  const { latencySeconds, inputUsd, outputUsd } = call;
  const fails = random() < failureProbability;
  return { latencySeconds, inputUsd, outputUsd, ...(fails && { failsAtShare: FAILS_AT_SHARE }) };
}

function priced(price: CallPrice, latencySeconds: number, random: Random): CallDraw {
  switch (price.kind) {
    case 'tokens': {
      const input = { inputTokens: price.inputTokens.sample(random), cachedInputTokens: 0, outputTokens: 0 };
      const output = { inputTokens: 0, cachedInputTokens: 0, outputTokens: price.outputTokens.sample(random) };
      return {
        latencySeconds,
        inputUsd: tokensCostUsd(input, price.rates),
        outputUsd: tokensCostUsd(output, price.rates),
      };
    }
    case 'per-second':
      return { latencySeconds, inputUsd: 0, outputUsd: price.usdPerSecond * latencySeconds };
    case 'fixed':
      return { latencySeconds, inputUsd: price.usd, outputUsd: 0 };
  }
}

function drawDrafts(spec: DraftSpec, latencySeconds: readonly number[], random: Random): DraftDraw[] {
  const price = spec.price ?? FREE;
  const cost = expectedCost(price, spec.latency);
  const usd = cost.kind === 'fixed' ? cost.usd : tokensCostUsd(cost.expected, cost.rates);
  const source = spec.source ?? 'draft';
  const make = (candidates: CandidateDraw[]): DraftDraw => ({
    ...priced(price, spec.latency.sample(random), random),
    source,
    candidates,
    expected: { usd, latencySeconds },
    ...(spec.pool !== undefined && { pool: spec.pool }),
  });
  const candidates = drawCandidates(spec, random);
  return spec.calls === 'each' ? candidates.map((candidate) => make([candidate])) : [make(candidates)];
}

function drawCandidates(spec: DraftSpec, random: Random): CandidateDraw[] {
  const independent = spec.candidates === 'independent';
  const shared = random();
  let below = 0;
  return spec.hitProbabilities.map((given, rank) => {
    const trueProbability = typeof given === 'number' ? given : given.sample(random);
    const right = independent ? random() < trueProbability : shared >= below && shared < below + trueProbability;
    below += trueProbability;
    const reestimates =
      right || spec.refutedAtShare === undefined
        ? undefined
        : [{ atShare: spec.refutedAtShare.sample(random), probability: 0 }];
    const guess = { rank, right, trueProbability };
    return {
      ...guess,
      ...(reestimates !== undefined && { reestimates }),
      ...(spec.confidence !== undefined && { confidence: spec.confidence(guess, random) }),
    };
  });
}
