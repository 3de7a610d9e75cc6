import { RESERVATIONS } from '../../activities/travel-desk';
import type { Reservation } from '../../activities/travel-desk';
import type { TravelRequest } from '../../workflows/tool-agent';
import { pick } from './seeded-random';

/** What travellers of the sample airline ask for. The agent behind the local model recognises these words. */
const WISHES: readonly ((of: Reservation, date: string) => string)[] = [
  (of) => `This is ${of.user_id}. Please put ${of.bags + 1} bags on my reservation ${of.reservation_id}.`,
  (of) => `I am ${of.user_id}. I cannot fly any more, please cancel ${of.reservation_id}.`,
  (of, date) => `${of.user_id} here. Can you move ${of.reservation_id} to a flight on ${date}?`,
  (of, date) => `Hello, I am ${of.user_id} and need a seat from ${of.origin} to ${of.destination} on ${date}.`,
  (of) => `${of.user_id}: my flight of ${of.reservation_id} left late. What do I get for it?`,
  (of) => `I am ${of.user_id}. What do all my reservations cost together?`,
  (of) => `Will the flight of ${of.reservation_id} leave on time? My name is ${of.user_id}.`,
];

const DATES = ['2026-03-09', '2026-04-02', '2026-05-21'] as const;

/** All sample scenarios: each wish for two reservations, so that the wishes meet different travellers. */
export const TRAVEL_GOALS: readonly string[] = WISHES.flatMap((wish, index) =>
  [0, 1].flatMap((nth) => {
    const of = RESERVATIONS[(index * 3 + nth * 5) % RESERVATIONS.length];
    return of === undefined ? [] : [wish(of, DATES[(index + nth) % DATES.length] ?? DATES[0])];
  }),
);

/** Travel requests; `known` of them are sample scenarios that others have asked before, the rest are combined afresh. */
export function travelRequests(count: number, random: () => number, known = 0.5): TravelRequest[] {
  return Array.from({ length: count }, (_, index) => {
    const goal =
      random() < known
        ? pick(random, TRAVEL_GOALS)
        : pick(random, WISHES)(pick(random, RESERVATIONS), pick(random, DATES));
    return { scenarioId: `travel/${index}/${Math.floor(random() * 1e6)}`, goal, maxSteps: 12 };
  });
}
