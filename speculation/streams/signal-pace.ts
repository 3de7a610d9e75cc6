/** Shortest time between the beginnings of two signals of one attempt, milliseconds. */
const SHORTEST_INTERVAL_MS = 25;
/** As many go at the shortest interval: most answers have no more fields. */
const FREE_SIGNALS = 24;
/** After that the interval doubles with every so many. */
const DOUBLES_EVERY = 4;

/**
 * How long the next signal keeps its distance from the one before, milliseconds. A workflow run takes 10,000 signals and each is some
 * three events, so an answer must not send more only because it is longer: one that always has news sends 24 in the first 0.6 seconds,
 * 44 within 5, 60 within 75. News that are rarer than that are not delayed.
 *
 * @param sent signals of this attempt so far
 */
export function signalIntervalMs(sent: number): number {
  return SHORTEST_INTERVAL_MS * 2 ** (Math.max(0, sent - FREE_SIGNALS) / DOUBLES_EVERY);
}
