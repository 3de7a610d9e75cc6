import type { AgentStep } from '../../activities/agent-step';
import type { Flight, Reservation, Traveller } from '../../activities/travel-desk';
import { stableHash } from './stable-hash';

export interface MadeCall {
  tool: string;
  args: Record<string, unknown>;
  result: string;
}

const call = (tool: string, args: Record<string, unknown>): AgentStep => ({ kind: 'call', tool, args });
const reply = (text: string): AgentStep => ({ kind: 'reply', text });

/** What the agent has found out so far. */
class Notebook {
  readonly userId: string;
  readonly reservationId: string | null;
  readonly date: string;

  constructor(
    readonly goal: string,
    private readonly calls: readonly MadeCall[],
  ) {
    this.userId = /\b[a-z]+_[a-z]\d\d\b/.exec(goal)?.[0] ?? '';
    this.reservationId = /\b[A-Z]{2}\d[A-Z]{2}\d\b/.exec(goal)?.[0] ?? null;
    this.date = /\b2026-\d\d-\d\d\b/.exec(goal)?.[0] ?? '';
  }

  made(tool: string): boolean {
    return this.calls.some((entry) => entry.tool === tool);
  }

  /** The latest result of a tool; null if it was not called. */
  result(tool: string): unknown {
    const entry = this.calls.findLast((candidate) => candidate.tool === tool);
    return entry === undefined ? null : (JSON.parse(entry.result) as unknown);
  }

  reservations(): Reservation[] {
    return this.calls
      .filter(({ tool }) => tool === 'getReservationDetails')
      .map(({ result }) => JSON.parse(result) as Reservation);
  }
}

/**
 * The sample agent's next step: a function of the wish and of what it has seen. Agents have habits: some think first, some read
 * the reservation before the traveller's profile.
 */
export function nextTravelStep(goal: string, calls: readonly MadeCall[]): AgentStep {
  const notebook = new Notebook(goal, calls);
  const habit = stableHash(goal, 8);
  if (habit === 0 && !notebook.made('think')) return call('think', { thought: 'What does the traveller need?' });
  if (habit === 1 && notebook.reservationId !== null && !notebook.made('getReservationDetails')) {
    return call('getReservationDetails', { reservation_id: notebook.reservationId });
  }
  if (!notebook.made('getUserDetails')) return call('getUserDetails', { user_id: notebook.userId });
  if (goal.includes('all my reservations')) return total(notebook);
  if (goal.includes('need a seat')) return booking(notebook);
  if (notebook.reservationId === null) return reply('Which reservation is it about?');
  if (!notebook.made('getReservationDetails')) {
    return call('getReservationDetails', { reservation_id: notebook.reservationId });
  }
  const reservation = notebook.result('getReservationDetails') as Reservation | null;
  if (reservation === null) return reply('I cannot find that reservation.');
  if (goal.includes('bags')) return bags(notebook, reservation);
  if (goal.includes('cancel')) return cancellation(notebook, reservation);
  if (goal.includes('move')) return move(notebook, reservation);
  return punctuality(notebook, reservation);
}

function total(notebook: Notebook): AgentStep {
  const wanted = (notebook.result('getUserDetails') as Traveller | null)?.reservations ?? [];
  const known = notebook.reservations();
  const missing = wanted.find((id) => !known.some(({ reservation_id }) => reservation_id === id));
  if (missing !== undefined) return call('getReservationDetails', { reservation_id: missing });
  if (!notebook.made('calculate')) {
    return call('calculate', { expression: known.map(({ price }) => String(price)).join(' + ') });
  }
  return reply(`Together they cost ${String(notebook.result('calculate'))} euros.`);
}

/** Null while the agent still searches; then the flights to take. */
function search(notebook: Notebook, route: { origin: string; destination: string }): AgentStep | Flight[] {
  const args = { ...route, date: notebook.date };
  const direct = notebook.result('searchDirectFlight') as Flight[] | null;
  if (direct === null) return call('searchDirectFlight', args);
  const [cheapest] = [...direct].sort((left, right) => left.price - right.price);
  if (cheapest !== undefined) return [cheapest];
  const onestop = notebook.result('searchOnestopFlight') as Flight[][] | null;
  return onestop === null ? call('searchOnestopFlight', args) : (onestop[0] ?? []);
}

function booking(notebook: Notebook): AgentStep {
  const [, origin = '', destination = ''] = /from ([A-Z]{3}) to ([A-Z]{3})/.exec(notebook.goal) ?? [];
  const found = search(notebook, { origin, destination });
  if (!Array.isArray(found)) return found;
  const flights = found.map(({ flight_number }) => flight_number);
  if (notebook.made('bookReservation')) return reply(`You fly with ${flights.join(' and ')}.`);
  return call('bookReservation', { user_id: notebook.userId, origin, destination, flights, cabin: 'economy' });
}

function move(notebook: Notebook, reservation: Reservation): AgentStep {
  const { origin, destination, price, reservation_id } = reservation;
  const found = search(notebook, { origin, destination });
  if (!Array.isArray(found)) return found;
  const fare = found.map((flight) => String(flight.price)).join(' + ');
  if (!notebook.made('calculate')) return call('calculate', { expression: `${fare} - ${price}` });
  const flights = found.map(({ flight_number }) => flight_number);
  if (!notebook.made('updateReservationFlights')) return call('updateReservationFlights', { reservation_id, flights });
  return reply(`Moved to ${flights.join(' and ')}; the difference is ${String(notebook.result('calculate'))} euros.`);
}

function bags(notebook: Notebook, reservation: Reservation): AgentStep {
  if (!notebook.made('updateReservationBaggages')) {
    return call('updateReservationBaggages', {
      reservation_id: reservation.reservation_id,
      bags: reservation.bags + 1,
    });
  }
  return reply(`Your reservation now has ${reservation.bags + 1} bags.`);
}

function cancellation(notebook: Notebook, reservation: Reservation): AgentStep {
  const { reservation_id, insured } = reservation;
  if (!insured) {
    if (notebook.made('transferToHumanAgents'))
      return reply('A colleague takes over, because the fare has no insurance.');
    return call('transferToHumanAgents', { summary: `Cancel ${reservation_id} without insurance` });
  }
  if (!notebook.made('cancelReservation')) return call('cancelReservation', { reservation_id });
  return reply(`${reservation_id} is cancelled; the fare comes back within a week.`);
}

function punctuality(notebook: Notebook, { flight_number, date }: Reservation): AgentStep {
  const status = notebook.result('getFlightStatus') as { status: string; minutes: number } | null;
  if (status === null) return call('getFlightStatus', { flight_number, date });
  if (!notebook.goal.includes('left late')) return reply(`${flight_number} is ${status.status}.`);
  if (status.minutes === 0) return reply(`${flight_number} left on time, so there is nothing that I can offer.`);
  const amount = status.minutes > 120 ? 100 : 50;
  if (!notebook.made('sendCertificate')) return call('sendCertificate', { user_id: notebook.userId, amount });
  return reply(`I sent you a voucher of ${amount} euros.`);
}
