import type { Knob } from '../../speculation/decision/knob';
import { countOutcome } from '../../speculation/estimate/beta-posterior';
import type { LaunchPolicy } from '../../speculation/policies/launch-policy';
import { emptyBooks, type Books } from './books';
import { ChainDrawer, emptyDraws, type ChainDraws, type DrawnCall } from './chain-draws';
import { ChainRule } from './chain-rule';
import { InvalidSimulationError, resolveOptions, type SimulationOptions } from './options';
import type { OperationSpec } from './pipeline';
import { randomStream, type Random } from './random-stream';

export type ChainOptions = Pick<SimulationOptions, 'seed' | 'runs' | 'policy' | 'knob' | 'drafts'>;

/**
 * `simulate(chain(...))` with launches one deep, as a recurrence from step to step instead of events: the same draws, the same policy
 * objects, the same books, an order of magnitude faster. For chains of one operation with at most one guess at each output, in runs one
 * after another, where nothing waits for a slot, fails, is copied or is staged.
 *
 * @returns the books of all runs together
 * @throws InvalidSimulationError for options that cannot be used, or an operation that only the general simulator knows
 */
export function simulateChain(steps: number, operation: Omit<OperationSpec, 'after'>, options: ChainOptions): Books {
  const { seed, runs, policy, knob, drafts } = resolveOptions(options);
  if (!(Number.isSafeInteger(steps) && steps >= 1)) {
    throw new InvalidSimulationError('steps', steps, 'use a whole number of at least 1');
  }
  requireSimple(operation, knob);
  const chain = new SimulatedChain(steps, operation, policy, knob, drafts);
  const total = emptyBooks();
  total.runs = runs;
  for (let run = 0; run < runs; run++) {
    chain.run(randomStream(seed, 'run', run), () => randomStream(seed, 'astray', run));
    chain.addTo(total);
  }
  return total;
}

/** Steps of one run after another, and what they teach. */
class SimulatedChain {
  private readonly drawer: ChainDrawer;
  private readonly draws: ChainDraws;
  private readonly astray: DrawnCall = { latencySeconds: 0, inputUsd: 0, outputUsd: 0 };
  private readonly outcomes = { successes: 0, failures: 0 };
  private readonly rule: ChainRule;
  private books = emptyBooks();
  private now = 0;
  private astrayStream: () => Random = () => randomStream(0);
  private astrayRandom: Random | null = null;

  constructor(
    private readonly steps: number,
    private readonly operation: Omit<OperationSpec, 'after'>,
    policy: LaunchPolicy,
    knob: Knob,
    private readonly drafts: 'worth-it' | 'always' | 'never',
  ) {
    this.drawer = new ChainDrawer(operation);
    this.draws = emptyDraws(steps);
    this.rule = new ChainRule(operation, policy, knob, this.outcomes);
  }

  /** @param astrayStream made only where something is launched on a wrong guess */
  run(random: Random, astrayStream: () => Random): void {
    const { draws, steps } = this;
    this.drawer.draw(draws, random);
    const books = (this.books = emptyBooks());
    const begun = this.now;
    this.astrayStream = astrayStream;
    this.astrayRandom = null;
    let startedSeconds = begun;
    /** When the draft may be asked for: where a step was launched, only when it is claimed. */
    let askedSeconds = begun;
    let endSeconds = begun + at(draws.latencySeconds, 0);
    let launched = false;
    let known = false;
    for (let step = 0; step < steps; step++) {
      const usd = at(draws.inputUsd, step) + at(draws.outputUsd, step);
      let answeredSeconds = Infinity;
      if (!known && step + 1 < steps) answeredSeconds = this.draft(step, startedSeconds, askedSeconds, endSeconds);
      const guessed = answeredSeconds < endSeconds;
      const nextLaunched = guessed && this.launchNext(step, startedSeconds, answeredSeconds, endSeconds);
      if (launched) books.claimedUsd += usd;
      else books.plainUsd += usd;
      if (guessed) this.learn(at(draws.right, step) === 1);
      if (step + 1 === steps) break;
      launched = nextLaunched && at(draws.right, step) === 1;
      if (nextLaunched) books.windows.denominator += 1;
      const claimedSeconds = endSeconds;
      startedSeconds = launched ? answeredSeconds : endSeconds;
      const ownEnd = startedSeconds + at(draws.latencySeconds, step + 1);
      known = launched && ownEnd <= claimedSeconds;
      if (launched) {
        books.claimed += 1;
        books.windows.numerator += 1;
        books.savedSeconds += (known ? ownEnd : claimedSeconds) - startedSeconds;
      }
      askedSeconds = claimedSeconds;
      endSeconds = known ? claimedSeconds : ownEnd;
    }
    this.now = endSeconds;
    books.seconds = endSeconds - begun;
  }

  addTo(total: Books): void {
    const { books } = this;
    total.seconds += books.seconds;
    total.plainUsd += books.plainUsd;
    total.claimedUsd += books.claimedUsd;
    total.wasteUsd += books.wasteUsd;
    total.draftUsd += books.draftUsd;
    total.launched += books.launched;
    total.claimed += books.claimed;
    total.cancelled += books.cancelled;
    total.drafts += books.drafts;
    total.decisions += books.decisions;
    total.savedSeconds += books.savedSeconds;
    total.guesses.numerator += books.guesses.numerator;
    total.guesses.denominator += books.guesses.denominator;
    total.windows.numerator += books.windows.numerator;
    total.windows.denominator += books.windows.denominator;
  }

  /** Asks for a draft if the policy has it so; when it answers, and Infinity if it does not before the step has ended. */
  private draft(step: number, startedSeconds: number, askedSeconds: number, endSeconds: number): number {
    const { operation, draws, books, drafts } = this;
    const { draft } = operation;
    if (draft === undefined) return Infinity;
    const source = draft.source ?? 'draft';
    if (drafts === 'never' && source === 'draft') return Infinity;
    const inputUsd = at(draws.draftInputUsd, step);
    const outputUsd = at(draws.draftOutputUsd, step);
    const free = inputUsd === 0 && outputUsd === 0;
    if (!free && drafts === 'worth-it' && !this.rule.isWorthAsking(askedSeconds - startedSeconds)) return Infinity;
    books.drafts += 1;
    const draftSeconds = at(draws.draftSeconds, step);
    const answeredSeconds = askedSeconds + draftSeconds;
    if (answeredSeconds < endSeconds) {
      books.draftUsd += inputUsd + outputUsd;
      return answeredSeconds;
    }
    const share = draftSeconds === 0 ? 0 : Math.min(1, (endSeconds - askedSeconds) / draftSeconds);
    books.draftUsd += inputUsd + share * outputUsd;
    return Infinity;
  }

  /** Decides about the next step when the guess is there; books the launch if it is wrong. Whether it was launched. */
  private launchNext(step: number, startedSeconds: number, atSeconds: number, endSeconds: number): boolean {
    const { draws, books, steps } = this;
    const right = at(draws.right, step) === 1;
    const latencySeconds = at(draws.latencySeconds, step);
    const share = at(draws.refutedAtShare, step);
    let refutedSeconds = endSeconds;
    if (share < 1) {
      const worked = latencySeconds === 0 ? 0 : Math.min(1, (atSeconds - startedSeconds) / latencySeconds);
      const missing = (share - worked) * latencySeconds;
      // The stream has said already that it is wrong.
      if (missing <= 1e-9) return false;
      refutedSeconds = Math.min(endSeconds, atSeconds + missing);
    }
    books.decisions += 1;
    if (!this.rule.launches(atSeconds - startedSeconds, right, step + 2 < steps)) return false;
    books.launched += 1;
    const call = this.astray;
    if (right) call.latencySeconds = at(draws.latencySeconds, step + 1);
    else this.drawer.drawCall(call, (this.astrayRandom ??= this.astrayStream()));
    // Its result would let the step behind it start, deeper than is allowed.
    if (step + 2 < steps && atSeconds + call.latencySeconds < refutedSeconds) books.decisions += 1;
    if (!right) {
      const worked = call.latencySeconds === 0 ? 0 : Math.min(1, (refutedSeconds - atSeconds) / call.latencySeconds);
      const finished = atSeconds + call.latencySeconds < refutedSeconds;
      books.wasteUsd += call.inputUsd + (finished ? 1 : worked) * call.outputUsd;
      books.cancelled += 1;
    }
    return true;
  }

  private learn(right: boolean): void {
    this.books.guesses.denominator += 1;
    if (right) this.books.guesses.numerator += 1;
    countOutcome(this.outcomes, right);
  }
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] as number;
}

function requireSimple(
  { draft, failureProbability, pool, copies }: Omit<OperationSpec, 'after'>,
  { budgetUsd }: Knob,
): void {
  const needsEvents = (field: string, value: unknown): never => {
    throw new InvalidSimulationError(field, value, 'use the general simulator for it');
  };
  if (draft !== undefined && draft.hitProbabilities.length !== 1) {
    needsEvents('guesses at an output', draft.hitProbabilities.length);
  }
  if (draft?.confidence !== undefined) needsEvents('confidence', 'given');
  if (draft?.pool !== undefined) needsEvents('pool of a draft', draft.pool);
  if (pool !== undefined) needsEvents('pool', pool);
  if (failureProbability !== undefined && failureProbability > 0) needsEvents('failureProbability', failureProbability);
  if (copies !== undefined && copies > 0) needsEvents('copies', copies);
  if (budgetUsd !== null) needsEvents('budgetUsd', budgetUsd);
}
