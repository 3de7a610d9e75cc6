import { canonicalJson } from '../../speculation/forecast/canonical-json';
import type { Trail } from '../../speculation/forecast/trail';
import { minedForecasts } from '../../speculation/mining/mined-forecasts';
import type { MinedPatterns } from '../../speculation/mining/mined-patterns';
import { knownBefore, type Session } from './session-of-calls';

/** How often the first forecast of an output was exactly right, of all calls; without a forecast it was not. */
export interface Hits {
  numerator: number;
  denominator: number;
}

export type Miner = (sessions: readonly Trail[], operations: readonly string[]) => MinedPatterns;

/** In so many parts the sessions are left out one after the other, each forecast from what was mined of the rest. */
const PARTS = 10;

/** First forecasts of an operation's outputs in sessions that the patterns were mined from as well. */
export function hitsOf(patterns: MinedPatterns, operation: string, sessions: readonly Session[]): Hits {
  const hits: Hits = { numerator: 0, denominator: 0 };
  for (const { calls } of sessions) {
    for (const [index, { operation: called, args, output }] of calls.entries()) {
      if (called !== operation) continue;
      const [first] = minedForecasts(patterns, operation, args, trailOf(knownBefore(calls, index)), 1);
      hits.denominator += 1;
      if (first !== undefined && canonicalJson(first.value) === canonicalJson(output)) hits.numerator += 1;
    }
  }
  return hits;
}

/**
 * First forecasts in sessions that were left out of the mining: every tenth session at a time, or each by itself where there are at most ten.
 *
 * @returns by operation; null where there is only one session, and nothing to mine without it
 */
export function leftOutHits(
  sessions: readonly Session[],
  operations: readonly string[],
  mine: Miner,
): Map<string, Hits> | null {
  if (sessions.length < 2) return null;
  const sums = new Map(operations.map((operation) => [operation, { numerator: 0, denominator: 0 }]));
  for (let part = 0; part < Math.min(PARTS, sessions.length); part += 1) {
    const isLeftOut = (index: number): boolean => index % PARTS === part;
    const patterns = mine(
      sessions.filter((_, index) => !isLeftOut(index)).map(({ calls }) => trailOf(calls)),
      operations,
    );
    const leftOut = sessions.filter((_, index) => isLeftOut(index));
    for (const [operation, sum] of sums) {
      const { numerator, denominator } = hitsOf(patterns, operation, leftOut);
      sum.numerator += numerator;
      sum.denominator += denominator;
    }
  }
  return sums;
}

/** Without what only the histories know. */
export function trailOf(calls: Session['calls']): Trail {
  return calls.map(({ operation, args, output }) => ({ operation, args, output }));
}
