import type { JsonPath } from '../../speculation/forecast/partial-value';

/** What a call waits for: an earlier call, or only a part of its output. */
export interface Need {
  /** Id of the call. */
  call: string;
  /** What of its output. @default all of it */
  path?: JsonPath;
}

/** One call of a pipeline with its duration. Needs are what its arguments are made of, and what the program waits for before it. */
export interface TimedCall {
  id: string;
  needs: readonly Need[];
  /** Seconds from its start until its output is complete. */
  seconds: number;
  /** Seconds from its start until the output at this place is final; only for calls that stream. @default the end of the call */
  finalAfterSeconds?: (path: JsonPath) => number;
  /** The program makes at most that many calls of this name at a time, in the order in which they are listed. @default any number */
  atMost?: AtMost;
}

export interface AtMost {
  name: string;
  calls: number;
}

export interface ScheduledCall {
  id: string;
  startSeconds: number;
  endSeconds: number;
}

export interface Schedule {
  calls: ScheduledCall[];
  /** When the last call has ended, seconds after the pipeline began. */
  seconds: number;
}

/** The description of a pipeline makes no sense. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
  readonly code = 'SCHEDULE_IMPOSSIBLE';
}

/**
 * When calls would run if everything between them took no time. `final`: each call starts the very moment what it needs is final in the
 * stream, and never before; no scheduler that does not guess can be faster. `complete`: each call waits until what it needs has ended, as
 * the plain pipeline does.
 *
 * @throws ScheduleError for a need of a call that there is not, two calls of one id, or calls that wait for each other
 */
export function schedule(calls: readonly TimedCall[], rule: 'final' | 'complete'): Schedule {
  const byId = new Map(calls.map((call) => [call.id, call]));
  if (byId.size !== calls.length) throw new ScheduleError('Two calls have the same id');
  const done = new Map<string, ScheduledCall>();
  const underWay = new Set<string>();
  const places = new Map<string, Places>();

  const place = (id: string, askedBy: string): ScheduledCall => {
    const known = done.get(id);
    if (known !== undefined) return known;
    const call = byId.get(id);
    if (call === undefined) throw new ScheduleError(`"${askedBy}" needs "${id}", and there is no such call`);
    if (underWay.has(id)) throw new ScheduleError(`"${id}" needs itself, by way of "${askedBy}"`);
    underWay.add(id);
    const { atMost } = call;
    // Those before it in the queue have their place first.
    const queue = atMost === undefined ? [] : calls.slice(0, calls.indexOf(call));
    for (const before of queue) if (before.atMost?.name === atMost?.name) place(before.id, id);
    const ready = call.needs.reduce((latest, need) => {
      const { startSeconds: from, endSeconds } = place(need.call, id);
      const finalAfter = byId.get(need.call)?.finalAfterSeconds;
      const isPart = rule === 'final' && need.path !== undefined && finalAfter !== undefined;
      return Math.max(latest, isPart ? from + finalAfter(need.path ?? []) : endSeconds);
    }, 0);
    const startSeconds = atMost === undefined ? ready : placesOf(places, atMost).take(ready, call.seconds);
    const scheduled = { id, startSeconds, endSeconds: startSeconds + call.seconds };
    done.set(id, scheduled);
    return scheduled;
  };

  const scheduled = calls.map(({ id }) => place(id, id));
  return { calls: scheduled, seconds: scheduled.reduce((latest, { endSeconds }) => Math.max(latest, endSeconds), 0) };
}

function placesOf(places: Map<string, Places>, { name, calls }: AtMost): Places {
  const known = places.get(name) ?? new Places(calls);
  places.set(name, known);
  return known;
}

/** Calls of which only so many run at a time. */
class Places {
  /** When each place is free, ascending. */
  readonly #freeAtSeconds: number[];

  constructor(size: number) {
    this.#freeAtSeconds = Array.from({ length: size }, () => 0);
  }

  /** Takes the place that is free first. @returns when the call starts */
  take(readySeconds: number, seconds: number): number {
    const startSeconds = Math.max(readySeconds, this.#freeAtSeconds.shift() ?? 0);
    this.#freeAtSeconds.push(startSeconds + seconds);
    this.#freeAtSeconds.sort((left, right) => left - right);
    return startSeconds;
  }
}
