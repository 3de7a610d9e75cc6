import { readTools } from '../../activities/tool-agent';
import { canonicalJson } from '../../speculation/forecast/canonical-json';
import { drawnSeconds } from './latencies';
import type { Recording } from './recording';

/** How long the plain conversation takes if nothing between its calls takes any time, seconds of real life. */
export function scheduledSeconds(seed: number, { scenarioId, rounds }: Recording): number {
  let seconds = 0;
  for (const [round, recorded] of rounds.entries()) {
    seconds += drawnSeconds(seed, 'agent step', scenarioId, round, 0, 0);
    if ('next' in recorded) {
      if (recorded.next !== null) seconds += drawnSeconds(seed, 'user', scenarioId, round);
      continue;
    }
    const { tool, args } = recorded.step;
    const isRead = Object.hasOwn(readTools, tool);
    seconds += drawnSeconds(seed, 'tool', scenarioId, tool, isRead ? canonicalJson(args) : round);
  }
  return seconds;
}

/** Plain runs that take this much longer than they should say more about the machine than about policies. */
const BUSY = 0.2;

/** How much of the measured time is that of the server, the workers and the machine. */
export function overheadNote(plainSeconds: readonly number[], scheduled: readonly number[]): string {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const more = sum(plainSeconds) / sum(scheduled) - 1;
  const mean = (values: readonly number[]): string => (sum(values) / values.length).toFixed(1);
  const figures = `plain conversations took ${mean(plainSeconds)} s, their waits alone ${mean(scheduled)} s (${(100 * more).toFixed(0)} % more)`;
  return more > BUSY ? `${figures}: this machine was too busy for its times to be relied on` : figures;
}
