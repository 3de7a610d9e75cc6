import { createHash } from 'node:crypto';

/** What both agents are told: a game, and the moves so far. */
export interface MoveInput {
  game: string;
  moves: readonly string[];
  /** Moves until the game is over for us. */
  length: number;
}

/** Calls that only teach how long calls take; their only "move" is how long. */
export const LESSON = 'lesson';

/** The prompt: a few tokens, whatever the length of the game. Another line has another one. */
export function promptOf({ game, moves }: MoveInput): string {
  if (game === LESSON) return `${LESSON} ${moves.join(' ')}`;
  return `${game} ${moves.length} ${lineOf(moves)}`;
}

/** Names a line of moves. */
export function lineOf(moves: readonly string[]): string {
  return createHash('sha1').update(moves.join(' ')).digest('hex').slice(0, 8);
}
