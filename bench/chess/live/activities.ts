import type { OpenAI } from 'openai';
import { callModel } from '../../../activities/model';
import type { DraftGuess } from '../../../speculation/forecast/draft-guess';
import { distinctMoves, type GuessCounts } from '../learned-guesses';
import { CHESS_MODEL } from '../model-price';
import type { Breadth } from '../recorded-game';
import { LESSON, promptOf, type MoveInput, type Operation } from './live-request';

export interface ChessActivities {
  /** The slow agent. */
  move: (input: MoveInput) => Promise<string>;
  /** The fast agent: its guesses at the same, and how often such guesses were right in other games. */
  guessMove: (input: MoveInput) => Promise<DraftGuess[]>;
}

/** @param counts what other games teach about the guesses of a game, by step. @default nothing */
export function chessActivities(
  client: OpenAI,
  breadth: Breadth,
  counts: ReadonlyMap<string, readonly (readonly GuessCounts[])[]>,
): ChessActivities {
  const ask = async (operation: Operation, input: MoveInput): Promise<string[]> => {
    const messages = [{ role: 'user' as const, content: promptOf(operation, input) }];
    const { text } = await callModel({ model: CHESS_MODEL, messages }, { client });
    return text.split(' ');
  };
  return {
    move: async (input) => (await ask('move', input)).at(-1) ?? '',
    guessMove: async (input) => {
      // Nobody guesses at what nothing follows.
      if (input.game === LESSON || input.moves.length + 1 >= input.length) return [];
      const guesses = distinctMoves((await ask(`guess${breadth}`, input)).slice(-breadth));
      const known = counts.get(input.game)?.[input.moves.length];
      return guesses.map((value, rank) => {
        const counted = known?.[rank];
        return { value, ...(counted !== undefined && { counts: counted }) };
      });
    },
  };
}
