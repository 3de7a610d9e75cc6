import type { Square } from './board-geometry';
import type { Move, Position } from './position';

/** A move in the notation of UCI, such as `e2e4` or `e7e8q`. */
export function uciMove(text: string): Move & { promotion?: string } {
  const promotion = text.at(4);
  return { from: square(text, 0), to: square(text, 2), ...(promotion !== undefined && { promotion }) };
}

/** The position after a move. */
export function played(position: Position, text: string): Position {
  const { promotion, ...move } = uciMove(text);
  return position.after(move, promotion);
}

function square(text: string, at: number): Square {
  return text.charCodeAt(at) - 97 + 8 * (text.charCodeAt(at + 1) - 49);
}
