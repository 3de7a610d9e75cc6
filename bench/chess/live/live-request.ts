import { createHash } from 'node:crypto';
import type { Breadth } from '../recorded-game';

/** What both agents are told: a game, and the moves so far. */
export interface MoveInput {
  game: string;
  moves: readonly string[];
  /** Moves until the game is over for us. */
  length: number;
}

/** What an agent is asked for: a move, or so many guesses at one. */
export type Operation = 'move' | `guess${Breadth}`;

/** Calls that only teach how long calls take; their only "move" is how long. */
export const LESSON = 'lesson';

/** The prompt: a few tokens, whatever the length of the game, because prompts are paid like those of the recording. Another line has another one. */
export function promptOf(operation: Operation, { game, moves }: MoveInput): string {
  if (game === LESSON) return `${LESSON} ${moves.join(' ')}`;
  return `${operation} ${game.slice(0, 2)} ${moves.length} ${lineOf(moves)}`;
}

/** Names a line of moves. */
export function lineOf(moves: readonly string[]): string {
  return createHash('sha1').update(moves.join(' ')).digest('hex').slice(0, 4);
}
