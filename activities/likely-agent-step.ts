import type { AgentStep, Turn } from './agent-step';

const USER_ID = /\b[a-z]+_[a-z]\d\d\b|\b[a-z]+_[a-z]+_\d{4}\b/;
const RESERVATION_ID = /\b(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{6}\b/g;

/**
 * What an agent most likely does next, from the conversation alone: it reads what has been named and not been read yet. First
 * the traveller, then the reservations, in the order of their mention. Undefined when nothing is left to read.
 */
export function likelyAgentStep(input: { transcript: readonly Turn[] }): AgentStep | undefined {
  const { transcript } = input;
  const said = transcript.flatMap((turn) => (turn.role === 'user' ? [turn.text] : [])).join('\n');
  const calls = transcript.flatMap((turn) => (turn.role === 'tool' ? [turn] : []));
  const userId = USER_ID.exec(said)?.[0];
  if (userId === undefined) return undefined;
  const profile = calls.find(({ tool }) => tool === 'getUserDetails');
  if (profile === undefined) return { kind: 'call', tool: 'getUserDetails', args: { user_id: userId } };

  const named = said.match(RESERVATION_ID) ?? [];
  const owned = /\ball\b/.test(said) ? (profile.result.match(RESERVATION_ID) ?? []) : [];
  const unread = [...named, ...owned].find((id) => !calls.some(({ args }) => args['reservation_id'] === id));
  if (unread === undefined) return undefined;
  return { kind: 'call', tool: 'getReservationDetails', args: { reservation_id: unread } };
}
