import { createHash } from 'node:crypto';

/** How fast a reply comes. */
export interface Pace {
  timeToFirstTokenMs: number;
  tokensPerSecond: number;
  /** Share by which each latency varies, up and down. */
  jitter: number;
}

/**
 * When each chunk of a reply is due, in milliseconds after the request. The same seed gives the same times.
 *
 * @param chunks number of chunks; the first one opens the reply and comes with the first token
 */
export function dueTimesMs(chunks: number, pace: Pace, seed: string): number[] {
  const random = seededRandom(seed);
  const vary = (ms: number): number => ms * (1 + (2 * random() - 1) * pace.jitter);
  const times: number[] = [];
  let due = vary(pace.timeToFirstTokenMs);
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    // Chunk 0 only opens the reply (its role), chunk 1 carries the first token.
    if (chunk > 1) due += vary(1000 / pace.tokensPerSecond);
    times.push(due);
  }
  return times;
}

/** Numbers from 0 to 1 (mulberry32), the same for the same seed. */
export function seededRandom(seed: string): () => number {
  let state = createHash('sha1').update(seed).digest().readUInt32LE();
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
