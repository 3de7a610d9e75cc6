import type { AgentStep, Turn } from './agent-step';

const USER_ID = /\b[a-z]+_[a-z]\d\d\b|\b[a-z]+_[a-z]+_\d{4}\b/;
const RESERVATION_ID = /\b(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{6}\b/g;
const DAY = /\b20\d\d-\d\d-\d\d\b/;
const ROUTE = /\bfrom ([A-Z]{3}) to ([A-Z]{3})\b/;
const PUNCTUALITY = /\bon time\b|\blate\b|\bdelayed\b/;

type Call = Extract<Turn, { role: 'tool' }>;
type Guess = (said: string, calls: readonly Call[]) => AgentStep | undefined;

const call = (tool: string, args: Record<string, unknown>): AgentStep => ({ kind: 'call', tool, args });

function fields(result: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(result ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

const profile: Guess = (said, calls) => {
  const userId = USER_ID.exec(said)?.[0];
  if (userId === undefined || calls.some(({ tool }) => tool === 'getUserDetails')) return undefined;
  return call('getUserDetails', { user_id: userId });
};

const reservation: Guess = (said, calls) => {
  const named = said.match(RESERVATION_ID) ?? [];
  const known = calls.find(({ tool }) => tool === 'getUserDetails')?.result ?? '';
  const owned = /\ball\b/.test(said) ? (known.match(RESERVATION_ID) ?? []) : [];
  const unread = [...named, ...owned].find((id) => !calls.some(({ args }) => args['reservation_id'] === id));
  return unread === undefined ? undefined : call('getReservationDetails', { reservation_id: unread });
};

const flights: Guess = (said, calls) => {
  const date = DAY.exec(said)?.[0];
  const booked = fields(calls.find(({ tool }) => tool === 'getReservationDetails')?.result);
  const [, origin = booked['origin'], destination = booked['destination']] = ROUTE.exec(said) ?? [];
  if (date === undefined || origin === undefined || destination === undefined) return undefined;
  const args = { origin, destination, date };
  const direct = calls.find(({ tool }) => tool === 'searchDirectFlight');
  if (direct === undefined) return call('searchDirectFlight', args);
  const onestop = calls.some(({ tool }) => tool === 'searchOnestopFlight');
  return direct.result === '[]' && !onestop ? call('searchOnestopFlight', args) : undefined;
};

const punctuality: Guess = (said, calls) => {
  const { flight_number, date } = fields(calls.findLast(({ tool }) => tool === 'getReservationDetails')?.result);
  if (flight_number === undefined || date === undefined || !PUNCTUALITY.test(said)) return undefined;
  if (calls.some(({ tool }) => tool === 'getFlightStatus')) return undefined;
  return call('getFlightStatus', { flight_number, date });
};

const total: Guess = (said, calls) => {
  const prices = calls
    .filter(({ tool }) => tool === 'getReservationDetails')
    .map(({ result }) => fields(result)['price']);
  if (!/\bcost together\b/.test(said) || prices.length < 2) return undefined;
  if (calls.some(({ tool }) => tool === 'calculate')) return undefined;
  return call('calculate', { expression: prices.map(String).join(' + ') });
};

/**
 * What an agent most likely does next, from the conversation alone: it reads what was named and not read yet. The traveller, the
 * reservations, flights of the wanted day, whether a flight is on time, a sum. Undefined when nothing is left to read.
 */
export function likelyAgentStep({ transcript }: { transcript: readonly Turn[] }): AgentStep | undefined {
  const said = transcript.flatMap((turn) => (turn.role === 'user' ? [turn.text] : [])).join('\n');
  const calls = transcript.flatMap((turn) => (turn.role === 'tool' ? [turn] : []));
  for (const guess of [profile, reservation, flights, punctuality, total]) {
    const step = guess(said, calls);
    if (step !== undefined) return step;
  }
  return undefined;
}
