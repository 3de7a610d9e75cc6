/** A made-up airline: travellers, reservations and a timetable. All data is ours. */

export interface Traveller {
  user_id: string;
  name: string;
  membership: 'basic' | 'silver' | 'gold';
  reservations: string[];
}

export interface Reservation {
  reservation_id: string;
  user_id: string;
  origin: string;
  destination: string;
  date: string;
  flight_number: string;
  cabin: 'economy' | 'business';
  bags: number;
  insured: boolean;
  price: number;
}

export interface Flight {
  flight_number: string;
  origin: string;
  destination: string;
  date: string;
  departure: string;
  price: number;
  seats: number;
}

export const TRAVELLERS: readonly Traveller[] = [
  { user_id: 'ines_w41', name: 'Ines Wold', membership: 'gold', reservations: ['KQ7RD2', 'LB3MX8'] },
  { user_id: 'tomas_b17', name: 'Tomas Brandt', membership: 'basic', reservations: ['PF5TN9'] },
  { user_id: 'yuki_a88', name: 'Yuki Amano', membership: 'silver', reservations: ['ZC2HV6', 'RW8JK4', 'MD9SG3'] },
  { user_id: 'leila_h03', name: 'Leila Haddad', membership: 'basic', reservations: ['GT6PB1', 'XN4CL7'] },
  { user_id: 'oskar_n52', name: 'Oskar Nyman', membership: 'gold', reservations: ['VJ1FW5', 'HS7QZ8'] },
  { user_id: 'priya_k29', name: 'Priya Kapur', membership: 'silver', reservations: ['BR3LM6', 'DK8XT2', 'NP5GH9'] },
];

function reservation(row: string): Reservation {
  const [id, user, origin, destination, date, flight, cabin, bags, insured, price] = row.split(' ');
  return {
    reservation_id: id ?? '',
    user_id: user ?? '',
    origin: origin ?? '',
    destination: destination ?? '',
    date: date ?? '',
    flight_number: flight ?? '',
    cabin: cabin === 'business' ? 'business' : 'economy',
    bags: Number(bags),
    insured: insured === 'insured',
    price: Number(price),
  };
}

export const RESERVATIONS: readonly Reservation[] = [
  'KQ7RD2 ines_w41 OSL LIS 2026-03-04 KE118 economy 1 insured 214',
  'LB3MX8 ines_w41 LIS OSL 2026-03-11 KE119 economy 1 plain 198',
  'PF5TN9 tomas_b17 BER ATH 2026-04-19 KE240 economy 0 plain 156',
  'ZC2HV6 yuki_a88 VIE CPH 2026-02-27 KE071 business 2 insured 412',
  'RW8JK4 yuki_a88 CPH VIE 2026-03-02 KE072 business 2 insured 398',
  'MD9SG3 yuki_a88 VIE BCN 2026-05-15 KE305 economy 1 plain 131',
  'GT6PB1 leila_h03 MRS OSL 2026-06-08 KE410 economy 1 plain 240',
  'XN4CL7 leila_h03 OSL MRS 2026-06-21 KE411 economy 1 insured 236',
  'VJ1FW5 oskar_n52 HEL BER 2026-01-30 KE033 economy 0 insured 122',
  'HS7QZ8 oskar_n52 BER HEL 2026-02-06 KE034 economy 0 plain 117',
  'BR3LM6 priya_k29 DUB VIE 2026-03-18 KE150 economy 1 plain 175',
  'DK8XT2 priya_k29 VIE DUB 2026-03-25 KE151 economy 1 insured 181',
  'NP5GH9 priya_k29 DUB LIS 2026-07-02 KE188 business 2 plain 367',
].map(reservation);

export const AIRPORTS = ['ATH', 'BCN', 'BER', 'CPH', 'DUB', 'HEL', 'LIS', 'MRS', 'OSL', 'VIE'] as const;

function spread(text: string, size: number): number {
  let hash = 7;
  for (const character of text) hash = (hash * 33 + (character.codePointAt(0) ?? 0)) % 99_991;
  return hash % size;
}

/** The day's flights of one route. Every fourth route and day has none. */
export function directFlights(origin: string, destination: string, date: string): Flight[] {
  const route = `${origin}${destination}${date}`;
  if (spread(route, 4) === 3) return [];
  return [0, 1].map((index) => ({
    flight_number: `KE${500 + spread(`${route}${index}`, 400)}`,
    origin,
    destination,
    date,
    departure: index === 0 ? '07:40' : '17:15',
    price: 90 + spread(`${route}price${index}`, 180),
    seats: 1 + spread(`${route}seats${index}`, 30),
  }));
}

/** Two flights by way of Copenhagen, for days without a direct one. */
export function onestopFlights(origin: string, destination: string, date: string): Flight[][] {
  const via = origin === 'CPH' || destination === 'CPH' ? 'BER' : 'CPH';
  const first = directFlights(origin, via, date)[0] ?? stopover(origin, via, date);
  const second = directFlights(via, destination, date)[1] ?? stopover(via, destination, date);
  return [[first, second]];
}

function stopover(origin: string, destination: string, date: string): Flight {
  return { flight_number: 'KE900', origin, destination, date, departure: '12:05', price: 110, seats: 5 };
}

/** Whether a flight leaves when it should. */
export function flightStatus(flightNumber: string, date: string): { status: 'on time' | 'delayed'; minutes: number } {
  const minutes = spread(`${flightNumber}${date}`, 3) === 0 ? 95 + spread(flightNumber, 120) : 0;
  return { status: minutes > 0 ? 'delayed' : 'on time', minutes };
}
