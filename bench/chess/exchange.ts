import type { Square } from './board-geometry';
import type { Move, Position } from './position';

/** In pawns; a king that can be taken back is never risked. */
const KING_WORTH = 100;
const WORTH: Readonly<Record<string, number>> = { p: 1, n: 3, b: 3, r: 5, q: 9, k: KING_WORTH };

/** What the side to move wins, in pawns, by taking on this square and being taken back, cheapest piece first; 0 if it had better not. */
export function exchangeOn(position: Position, target: Square): number {
  const white = position.whiteToMove;
  const [attacker] = position
    .attackersOf(target, white)
    .sort((left, right) => worth(position.pieceAt(left)) - worth(position.pieceAt(right)));
  if (attacker === undefined) return 0;
  const after = position.after({ from: attacker, to: target });
  const isKing = worth(position.pieceAt(attacker)) === KING_WORTH;
  if (isKing && after.attackersOf(target, !white).length > 0) return 0;
  return Math.max(0, worth(position.pieceAt(target)) - exchangeOn(after, target));
}

/** What a move wins or loses by what is attacked, in pawns. */
export interface Exchanges {
  /** What it takes, less what can be taken on its square in turn. */
  onItsSquare: number;
  /** What it takes, less the most that can be taken anywhere in turn. */
  anywhere: number;
}

export function exchangesOf(position: Position, move: Move): Exchanges {
  const taken = worth(position.captured(move));
  const after = position.after(move);
  let most = 0;
  let onItsSquare = 0;
  for (const square of after.squaresOf(position.whiteToMove)) {
    if (worth(after.pieceAt(square)) === KING_WORTH) continue;
    const loss = exchangeOn(after, square);
    most = Math.max(most, loss);
    if (square === move.to) onItsSquare = loss;
  }
  return { onItsSquare: taken - onItsSquare, anywhere: taken - most };
}

function worth(piece: string): number {
  return WORTH[piece.toLowerCase()] ?? 0;
}
