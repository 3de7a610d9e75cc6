import type { ModelTool } from './model';

function tool(name: string, description: string, parameters: Record<string, string>): ModelTool {
  const properties = Object.fromEntries(
    Object.entries(parameters).map(([key, type]) => [
      key,
      type === 'array' ? { type, items: { type: 'string' } } : { type },
    ]),
  );
  return { name, description, parameters: { type: 'object', properties } };
}

/** What the agent is told about its tools. Names are the activity types. */
export const TOOL_SCHEMAS: ModelTool[] = [
  tool('getUserDetails', 'Profile and reservations of a traveller.', { user_id: 'string' }),
  tool('getReservationDetails', 'One reservation.', { reservation_id: 'string' }),
  tool('getFlightStatus', 'Whether a flight is on time.', { flight_number: 'string', date: 'string' }),
  tool('searchDirectFlight', 'Direct flights of a day.', { origin: 'string', destination: 'string', date: 'string' }),
  tool('searchOnestopFlight', 'Flights of a day with one stop.', {
    origin: 'string',
    destination: 'string',
    date: 'string',
  }),
  tool('listAllAirports', 'All airports.', {}),
  tool('calculate', 'The value of an arithmetic expression.', { expression: 'string' }),
  tool('think', 'Write a thought down; changes nothing.', { thought: 'string' }),
  tool('bookReservation', 'Books and charges.', {
    user_id: 'string',
    origin: 'string',
    destination: 'string',
    flights: 'array',
    cabin: 'string',
  }),
  tool('cancelReservation', 'Cancels a reservation.', { reservation_id: 'string' }),
  tool('updateReservationFlights', 'Moves a reservation to other flights.', {
    reservation_id: 'string',
    flights: 'array',
  }),
  tool('updateReservationBaggages', 'Changes the number of bags.', { reservation_id: 'string', bags: 'number' }),
  tool('updateReservationPassengers', 'Changes names.', { reservation_id: 'string', passengers: 'array' }),
  tool('sendCertificate', 'Sends a travel voucher.', { user_id: 'string', amount: 'number' }),
  tool('transferToHumanAgents', 'Hands the traveller over to a person.', { summary: 'string' }),
];
