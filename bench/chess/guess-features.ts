import { exchangesOf } from './exchange';
import { Position } from './position';
import type { RecordedGame } from './recorded-game';
import { played, uciMove } from './uci-move';

/** Pawns beyond which more makes no difference. */
const MOST_PAWNS = 3;

/**
 * What is known of guesses in a position when they are made, for nothing; one list for each move: whether it is the second or the third in
 * the list, what the exchange on its square wins, and how far its exchanges are behind those of the best move, in pawns.
 *
 * @param moves best first
 */
export function guessFeatures(position: Position, moves: readonly string[]): number[][] {
  const best = Math.max(...position.legalMoves().map((move) => exchangesOf(position, move).anywhere));
  return moves.map((text, rank) => {
    const { onItsSquare, anywhere } = exchangesOf(position, uciMove(text));
    return [rank === 1 ? 1 : 0, rank === 2 ? 1 : 0, bounded(onItsSquare), bounded(anywhere - best)];
  });
}

/** The positions before each move of a game. */
export function positionsOf({ steps }: RecordedGame): Position[] {
  let position = Position.start();
  return steps.map(({ move }) => {
    const before = position;
    position = played(position, move);
    return before;
  });
}

function bounded(pawns: number): number {
  return Math.max(-MOST_PAWNS, Math.min(MOST_PAWNS, pawns));
}
