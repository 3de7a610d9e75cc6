import { tokenPieces } from '../../../activities/count-tokens';
import type { LocalModelReply, LocalModelRequest } from '../../../workers/local-model';
import { words } from '../../streaming/variation';
import type { Breadth, RecordedCall, RecordedGame } from '../recorded-game';
import { lineOf, LESSON } from './live-request';

/** How much less there is of what was recorded. */
export interface LiveScale {
  /** Of time. */
  compression: number;
  /** Of tokens: each is said by three processes on this machine, and they must not be what is measured. */
  fewerTokens: number;
}

const FIRST_TOKEN_MS = 5;
const NO_CALL: RecordedCall = { seconds: 1, inputTokens: 0, outputTokens: 1, totalTokens: 1 };

/**
 * Both agents, as recorded. On a line that was not played the slow agent takes and says as much as at the step before, beside which it is asked, and the
 * fast agent guesses what it guessed at this step: nothing else was recorded.
 *
 * @param lessonTokens output tokens of a lesson, as recorded
 */
export function chessScript(
  games: readonly RecordedGame[],
  lessonTokens: number,
  scale: LiveScale,
): (request: LocalModelRequest) => LocalModelReply {
  const lines = new Map(
    games.map((game) => [
      game.id,
      game.steps.map((_, step) => lineOf(game.steps.slice(0, step).map(({ move }) => move))),
    ]),
  );
  return ({ messages }) => {
    const prompt = messages[0]?.content ?? '';
    const [operation = '', id = '', number = '', line] = prompt.split(' ');
    if (operation === LESSON) {
      const call = { ...NO_CALL, seconds: Number(id), outputTokens: lessonTokens };
      return spoken(call, 'done', prompt, scale);
    }
    const step = Number(number);
    const game = games.find((each) => each.id.startsWith(id));
    const recorded = game?.steps[step];
    if (game === undefined || recorded === undefined) throw new Error(`Nobody has recorded ${operation} of ${prompt}`);
    if (operation !== 'move') {
      const call = recorded.guesses[Number(operation.replace('guess', '')) as Breadth];
      return spoken(call, call.moves.join(' '), prompt, scale);
    }
    const asPlayed = lines.get(game.id)?.[step] === line;
    const { actor } = asPlayed ? recorded : (game.steps[step - 1] ?? recorded);
    return spoken(actor, recorded.move, prompt, scale);
  };
}

/** Thinks aloud for as many tokens and seconds as recorded, then answers. */
function spoken(
  call: RecordedCall,
  answer: string,
  key: string,
  { compression, fewerTokens }: LiveScale,
): LocalModelReply {
  const tokens = call.outputTokens / fewerTokens;
  const thoughts = Math.max(0, Math.round(tokens - tokenPieces(` ${answer}`).length));
  // Some words are more than one token.
  const thought = tokenPieces(words(thoughts, key)).slice(0, thoughts).join('');
  const text = thoughts === 0 ? answer : `${thought} ${answer}`;
  const ms = Math.max(FIRST_TOKEN_MS + 1, (1000 * call.seconds) / compression);
  return { text, ttftMs: FIRST_TOKEN_MS, tokensPerSecond: (1000 * tokenPieces(text).length) / (ms - FIRST_TOKEN_MS) };
}
