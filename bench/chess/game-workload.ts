import { READS_ONLY } from '../simulator/pipeline';
import type { CallDraw, CandidateDraw, DraftDraw, OperationDraw, Workload } from '../simulator/run-draw';
import type { ChessPolicy } from './chess-policy';
import { distinctMoves, type GuessCounts } from './learned-guesses';
import { callPrice } from './model-price';
import type { RecordedCall, RecordedGame, RecordedStep } from './recorded-game';
import type { TrainingProfile } from './training-profile';

/** A game, and what other games have taught. */
export interface TaughtGame {
  game: RecordedGame;
  /** Steps that are played. */
  length: number;
  profile: TrainingProfile;
  /** By step and guess. */
  counts: readonly (readonly GuessCounts[])[];
  /** For copies of calls. */
  another: RecordedGame;
}

/**
 * A game as a chain of calls with what was recorded. A call on a wrong guess is not recorded: it takes and costs what the slow agent's call
 * beside it does, as the paper counts branches that are thrown away.
 */
export function gameWorkload(taught: TaughtGame, policy: ChessPolicy): Workload {
  const steps = taught.game.steps.slice(0, taught.length);
  const operations = steps.map((step, index): OperationDraw => {
    const call = recordedCall(step.actor);
    const beside = recordedCall((steps[index - 1] ?? step).actor);
    const other = taught.another.steps[index];
    return {
      name: 'move',
      after: index === 0 ? [] : [index - 1],
      call: policy.copies === true && other !== undefined ? { ...call, copies: [other.actor.seconds] } : call,
      launched: call,
      astray: () => beside,
      drafts: [draftOf(taught, step, index, policy)],
      candidates: 'exclusive',
      declared: READS_ONLY,
      expected: { latencySeconds: taught.profile.latencySeconds, cost: taught.profile.cost },
    };
  });
  return { name: 'chess', draw: () => ({ operations }) };
}

/** The call that gives the guesses of a step, and what it takes. */
export function guessCallOf({ guesses, stated }: RecordedStep, { asking }: ChessPolicy): RecordedCall {
  const call = guesses[asking.breadth];
  return asking.confidence === 'charged' ? { ...call, seconds: call.seconds + stated.seconds } : call;
}

function draftOf({ profile, counts }: TaughtGame, step: RecordedStep, index: number, policy: ChessPolicy): DraftDraw {
  const { breadth, confidence } = policy.asking;
  const moves = distinctMoves(confidence === undefined ? step.guesses[breadth].moves : step.stated.moves);
  const candidates = moves.map((move, rank): CandidateDraw => {
    const right = move === step.move;
    const known = counts[index]?.[rank];
    const stated = step.stated.confidences[step.stated.moves.indexOf(move)];
    return {
      rank,
      right,
      trueProbability: right ? 1 : 0,
      ...(known !== undefined && { counts: known }),
      ...(confidence !== undefined && stated !== undefined && { confidence: stated }),
    };
  });
  return { ...recordedCall(guessCallOf(step, policy)), source: 'draft', candidates, expected: profile.draft[breadth] };
}

function recordedCall(call: RecordedCall): CallDraw {
  return { latencySeconds: call.seconds, ...callPrice(call) };
}
