import type { LocalModelReply, LocalModelRequest } from '../../workers/local-model';
import { between, words } from '../streaming/variation';
import type { Question } from './activities';

/** A token every 5 ms: the last one says when a stream really ended. */
export const TOKENS_PER_SECOND = 200;
const FORECAST_ROUTE = 'refund';
const REAL_ROUTE = 'shipping';
const FIRST_TOKEN_MS = 50;
/** The reason follows for half a second. */
const REASON_WORDS = 100;
/** Never heard to its end. */
const LONG_ANSWER_WORDS = 4000;

/** What the streamed sorter says to a question. */
export function sortedAnswer(): { route: string; reason: string } {
  return { route: REAL_ROUTE, reason: words(REASON_WORDS, 'reason') };
}

/** The history learns one route, and every question has another. */
export function cancellingScript({ messages }: LocalModelRequest): LocalModelReply {
  const [operation, input] = messages.map(({ content }) => content);
  const question = JSON.parse(input ?? '') as Question & { route?: string };
  const pace = { ttftMs: FIRST_TOKEN_MS, tokensPerSecond: TOKENS_PER_SECOND };
  if (question.id.startsWith('lesson')) {
    const { reason } = sortedAnswer();
    const lesson = operation === 'sortStreamed' ? { route: FORECAST_ROUTE, reason } : { route: FORECAST_ROUTE };
    return { ttftMs: 1, tokensPerSecond: 5000, text: JSON.stringify(lesson) };
  }
  // Refutations fall at different moments between two heartbeats of the launch.
  const thinkingMs = between(350, 650, `${operation ?? ''}/${question.id}`);
  switch (operation) {
    case 'sortWhole':
      return { ...pace, ttftMs: thinkingMs, text: JSON.stringify({ route: REAL_ROUTE }) };
    case 'sortStreamed':
      return { ...pace, ttftMs: thinkingMs, text: JSON.stringify(sortedAnswer()) };
    default:
      return {
        ...pace,
        text: words(question.route === REAL_ROUTE ? question.answerTokens : LONG_ANSWER_WORDS, question.id),
      };
  }
}
