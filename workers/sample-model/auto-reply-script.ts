import { CHECK_PROMPT, CLASSIFY_PROMPT, DRAFT_PROMPT } from '../../activities/auto-reply';
import type { Route } from '../../activities/support-desk';
import type { ModelMessage } from '../../activities/model-request';
import type { LocalModelReply } from '../local-model';
import { jsonAnswer, textAnswer } from './scenario-answer';
import { stableHash } from './stable-hash';
import { MESSAGE_TEMPLATES } from './message-templates';

const OPENINGS: Record<Route, string> = {
  refund: 'I am sorry that it did not work out. Here is how you get your money back.',
  shipping: 'Thank you for asking; I looked where your parcel is.',
  account: 'Let us get you back into your account.',
  technical: 'Let us get your kiln and the app running again.',
  other: 'How nice to hear from you.',
};

function lineAfter(label: string, text: string): string {
  const line = text.split('\n').find((candidate) => candidate.startsWith(label));
  return line === undefined ? '' : line.slice(line.indexOf(':') + 1).trim();
}

/** One reply in eight does not pass. */
function passes(reply: string): boolean {
  return stableHash(reply, 8) !== 0;
}

/** What the model says to the prompts of `autoReply`; null for other prompts. */
export function answerAutoReply(messages: readonly ModelMessage[]): LocalModelReply | null {
  const system = messages[0]?.content ?? '';
  const request = messages[1]?.content ?? '';
  if (system === CLASSIFY_PROMPT) {
    const template = MESSAGE_TEMPLATES.find(({ text }) => request.startsWith(text));
    return jsonAnswer({ route: template?.route ?? 'other' }, 280, 220);
  }
  if (system === DRAFT_PROMPT) {
    const route = lineAfter('Matter', request) as Route;
    const order = /order (\d+)/.exec(request)?.[1] ?? 'unknown';
    const again = messages.length > 2 ? 'Once more, and clearer: ' : '';
    const reply = [
      `${again}${OPENINGS[route]}`,
      `About order ${order} our records say: ${lineAfter('Account', request)}`,
      lineAfter('Policy', request),
      'Write back at any time. Your pottery supplier.',
    ].join(' ');
    return textAnswer(reply, 260, 500 + stableHash(request, 100));
  }
  if (system === CHECK_PROMPT) {
    const reply = lineAfter('Reply', request);
    const verdict = passes(reply) ? { verdict: 'pass' } : { verdict: 'revise', reason: 'Say it in fewer words.' };
    return jsonAnswer(verdict, 180, 130);
  }
  return null;
}
