/*
 * Programs whose text streams, as spec-ptc's own benchmark suite has them (github.com/alexzhang13/spec-ptc, results v1, no licence found:
 * its figures are cited, peers.md 6.3). What is published are seconds and calls; program and call times below are what reproduces them.
 */

/** One pattern of the suite. */
export interface StreamShape {
  name: string;
  /** Until the program is written to its end. */
  programSeconds: number;
  /** Calls that a plain run makes, one after another, once the program is written. */
  calls: number;
  callSeconds: number;
  /** Share of the program that is written when the first call may start; the others follow evenly until its end, or at the same time. */
  textShare: number;
  texts: 'at-once' | 'evenly';
  /** Whether a call needs what the one before it has returned; otherwise only the order is the program's. */
  dependent: boolean;
  /** Calls beyond the last that the text lets one think of: the loop ends before them. */
  beyond: number;
  /** Seconds after which all calls but the first turn out to have been started with stale arguments; null if they have not. */
  staleAfterSeconds: number | null;
  published: { plainSeconds: number; seconds: number; dispatched: number; hits: number; evicted: number };
}

const LOOP = { textShare: 0.9, texts: 'at-once', dependent: false, beyond: 0, staleAfterSeconds: null } as const;

export const SHAPES: readonly StreamShape[] = [
  {
    ...LOOP,
    name: 'early_break',
    programSeconds: 1.03,
    calls: 3,
    callSeconds: 0.2,
    beyond: 7,
    published: { plainSeconds: 1.63, seconds: 1.1, dispatched: 10, hits: 3, evicted: 7 },
  },
  {
    ...LOOP,
    name: 'map16',
    programSeconds: 0.85,
    calls: 16,
    callSeconds: 0.247,
    published: { plainSeconds: 4.8, seconds: 1.05, dispatched: 16, hits: 16, evicted: 0 },
  },
  {
    ...LOOP,
    name: 'map8_slow',
    programSeconds: 0.9,
    calls: 8,
    callSeconds: 2.694,
    published: { plainSeconds: 22.45, seconds: 3.61, dispatched: 8, hits: 8, evicted: 0 },
  },
  {
    ...LOOP,
    name: 'map32',
    programSeconds: 0.95,
    calls: 32,
    callSeconds: 0.1434,
    published: { plainSeconds: 5.54, seconds: 1.07, dispatched: 32, hits: 32, evicted: 0 },
  },
  {
    ...LOOP,
    name: 'mutating_loop',
    programSeconds: 1.15,
    calls: 6,
    callSeconds: 1.033,
    staleAfterSeconds: 0.44,
    published: { plainSeconds: 7.35, seconds: 2.51, dispatched: 11, hits: 6, evicted: 5 },
  },
  {
    ...LOOP,
    name: 'serial_chain6',
    programSeconds: 2.0,
    calls: 6,
    callSeconds: 0.255,
    textShare: 0.15,
    texts: 'evenly',
    dependent: true,
    published: { plainSeconds: 3.53, seconds: 2.34, dispatched: 6, hits: 6, evicted: 0 },
  },
  {
    ...LOOP,
    name: 'branch_on_result',
    programSeconds: 2.0,
    calls: 3,
    callSeconds: 0.247,
    textShare: 0.5,
    texts: 'evenly',
    dependent: true,
    published: { plainSeconds: 2.74, seconds: 2.39, dispatched: 3, hits: 3, evicted: 0 },
  },
  {
    ...LOOP,
    name: 'chain4_slow',
    programSeconds: 1.5,
    calls: 4,
    callSeconds: 0.97,
    textShare: 0.6,
    texts: 'evenly',
    dependent: true,
    published: { plainSeconds: 5.38, seconds: 4.91, dispatched: 4, hits: 4, evicted: 0 },
  },
];
