import { windowTokens } from './published-account';
import type { Breadth, RecordedGame, RecordedStep } from './recorded-game';

/** What one step offers: the moves that are branched on, when, and what finding them costs. */
export interface Offer {
  moves: readonly string[];
  seconds: number;
  tokens: number;
}

/** What a policy of the paper does at a step. */
export type OfferAt = (step: RecordedStep) => Offer;

/** One game by the rule of the paper. */
export interface Replayed {
  sequentialSeconds: number;
  seconds: number;
  sequentialTokens: number;
  extraTokens: number;
  /** Steps that had a window, and those of them with a right guess among those that were branched on. */
  windows: number;
  hits: number;
}

/** Speculative Actions with a fixed breadth. */
export function fixedBreadth(breadth: Breadth): OfferAt {
  return ({ guesses }) => {
    const { moves, seconds, totalTokens } = guesses[breadth];
    return { moves, seconds, tokens: totalTokens };
  };
}

/**
 * Speculative Actions with branches on guesses whose stated confidence is above `least`. Three guesses come first; what states the
 * confidence is a call after that, which the paper does not charge.
 */
export function statedConfidence(least: number, call: 'free' | 'charged'): OfferAt {
  return ({ guesses, stated }) => ({
    moves: stated.moves.filter((_, index) => (stated.confidences[index] ?? 0) > least),
    seconds: guesses[3].seconds + (call === 'charged' ? stated.seconds : 0),
    tokens: guesses[3].totalTokens,
  });
}

/**
 * Replays the first `length` steps of a game by Algorithm 1 of arXiv:2510.04371: a hit at step t, with none at t - 1, makes the pair take
 * max(actor_t, guess_t + actor_t+1); after it the window is closed for one step.
 */
export function replayPublished(game: RecordedGame, length: number, offerAt: OfferAt): Replayed {
  const steps = game.steps.slice(0, length);
  const replayed: Replayed = {
    sequentialSeconds: sum(steps, ({ actor }) => actor.seconds),
    seconds: 0,
    sequentialTokens: sum(steps, ({ actor }) => actor.totalTokens),
    extraTokens: 0,
    windows: 0,
    hits: 0,
  };
  for (let index = 0; index < steps.length;) {
    const step = steps[index] as RecordedStep;
    const next = steps[index + 1];
    const actorTokens = step.actor.totalTokens;
    if (next === undefined) {
      replayed.seconds += step.actor.seconds;
      replayed.extraTokens += actorTokens;
      break;
    }
    const { moves, seconds, tokens } = offerAt(step);
    const hit = moves.includes(step.move);
    const branchEnds = seconds + next.actor.seconds;
    replayed.windows += 1;
    replayed.extraTokens += windowTokens({
      actorTokens,
      nextTokens: next.actor.totalTokens,
      guessTokens: tokens,
      branches: moves.length,
      outcome: !hit ? 'miss' : branchEnds <= step.actor.seconds ? 'in-time' : 'late',
    });
    replayed.seconds += hit ? Math.max(step.actor.seconds, branchEnds) : step.actor.seconds;
    if (hit) replayed.hits += 1;
    index += hit ? 2 : 1;
  }
  return replayed;
}

function sum(steps: readonly RecordedStep[], of: (step: RecordedStep) => number): number {
  return steps.reduce((total, step) => total + of(step), 0);
}
