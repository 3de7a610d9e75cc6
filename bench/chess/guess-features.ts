import { exchangesOf } from './exchange';
import { Position } from './position';
import type { RecordedGame } from './recorded-game';
import { played, uciMove } from './uci-move';

/** What is known of a guess when it is made, for nothing: its place in the list, and what the rules of chess say about the move. */
const FEATURES = [
  'second in the list',
  'third in the list',
  'exchange on its square',
  'exchanges behind the best move',
];

/** Pawns beyond which more makes no difference. */
const MOST_PAWNS = 3;

/**
 * Features of the moves that are guessed at in a position, one list for each.
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
