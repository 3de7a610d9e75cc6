import { ApplicationFailure } from '@temporalio/common';
import { evaluateArithmetic } from './arithmetic';
import { deliver } from './outbox';
import { recordedConversation } from './recorded-conversations';
import { remoteLatency } from './remote-latency';
import { AIRPORTS, directFlights, flightStatus, onestopFlights, RESERVATIONS, TRAVELLERS } from './travel-desk';

/** A call of a tool that only reads. */
export interface ReadCall {
  scenarioId: string;
  args: Record<string, unknown>;
}

/** A call of a tool that changes the world; `round` makes its effect happen once. */
export interface WriteCall extends ReadCall {
  round: number;
}

function text(args: Record<string, unknown>, name: string): string {
  const value = args[name];
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw ApplicationFailure.nonRetryable(`Tool argument "${name}" is missing`, 'TOOL_ARGUMENT_MISSING');
}

/** A read answers from the recording when there is one, otherwise from the sample airline. Results are JSON text. */
function read(tool: string, nominalMs: number, answer: (args: Record<string, unknown>) => unknown) {
  return async ({ scenarioId, args }: ReadCall): Promise<string> => {
    await remoteLatency(nominalMs, `${tool}${JSON.stringify(args)}`);
    const recording = recordedConversation(scenarioId);
    if (recording === null) return JSON.stringify(answer(args));
    const wanted = canonical(args);
    const round = recording.rounds.find(
      (entry) => entry.kind === 'call' && entry.tool === tool && canonical(entry.args) === wanted,
    );
    return round?.kind === 'call' ? round.result : 'Error: not found';
  };
}

/** A write delivers its effect once per scenario and round, and answers like `read`. */
function write(tool: string, answer: (args: Record<string, unknown>) => unknown) {
  return async ({ scenarioId, args, round }: WriteCall): Promise<string> => {
    await remoteLatency(60, `${tool}${JSON.stringify(args)}`);
    deliver({ kind: tool, key: `${scenarioId}/${round}`, content: args });
    const recorded = recordedConversation(scenarioId)?.rounds[round];
    return recorded?.kind === 'call' ? recorded.result : JSON.stringify(answer(args));
  };
}

function canonical(args: Record<string, unknown>): string {
  return JSON.stringify(Object.entries(args).sort(([left], [right]) => left.localeCompare(right)));
}

const notFound = (what: string): { error: string } => ({ error: `${what} not found` });

/** Tools that only read; each is an activity type of its own. */
export const readTools = {
  getUserDetails: read('getUserDetails', 240, (args) => {
    const id = text(args, 'user_id');
    return TRAVELLERS.find((traveller) => traveller.user_id === id) ?? notFound(id);
  }),
  getReservationDetails: read('getReservationDetails', 240, (args) => {
    const id = text(args, 'reservation_id');
    return RESERVATIONS.find((reservation) => reservation.reservation_id === id) ?? notFound(id);
  }),
  getFlightStatus: read('getFlightStatus', 200, (args) =>
    flightStatus(text(args, 'flight_number'), text(args, 'date')),
  ),
  searchDirectFlight: read('searchDirectFlight', 320, (args) =>
    directFlights(text(args, 'origin'), text(args, 'destination'), text(args, 'date')),
  ),
  searchOnestopFlight: read('searchOnestopFlight', 360, (args) =>
    onestopFlights(text(args, 'origin'), text(args, 'destination'), text(args, 'date')),
  ),
  listAllAirports: read('listAllAirports', 120, () => AIRPORTS),
  calculate: read('calculate', 20, (args) => {
    try {
      return evaluateArithmetic(text(args, 'expression'));
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }),
  think: read('think', 5, () => ''),
};

/** Tools that change the world; none of them can be taken back. */
export const writeTools = {
  bookReservation: write('bookReservation', (args) => ({ booked: args['flights'] })),
  cancelReservation: write('cancelReservation', (args) => ({ cancelled: args['reservation_id'] })),
  updateReservationFlights: write('updateReservationFlights', (args) => ({ moved: args['reservation_id'] })),
  updateReservationBaggages: write('updateReservationBaggages', (args) => ({ bags: args['bags'] })),
  updateReservationPassengers: write('updateReservationPassengers', (args) => ({ renamed: args['reservation_id'] })),
  sendCertificate: write('sendCertificate', (args) => ({ sent: args['amount'] })),
  transferToHumanAgents: write('transferToHumanAgents', () => 'transferred'),
};

/**
 * Says something to the traveller and waits for the answer; `next` is null when the traveller is done. What was said cannot
 * be taken back.
 */
export async function replyToUser(input: {
  scenarioId: string;
  round: number;
  text: string;
}): Promise<{ next: string | null }> {
  await remoteLatency(40, input.text);
  deliver({ kind: 'reply', key: `${input.scenarioId}/${input.round}`, content: input.text });
  const recorded = recordedConversation(input.scenarioId)?.rounds[input.round];
  return { next: recorded?.kind === 'reply' ? recorded.next : null };
}
