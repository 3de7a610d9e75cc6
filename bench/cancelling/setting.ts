import { DEFAULT_HEARTBEAT_THROTTLE_MS } from '../../speculation/plugin/worker-options';

/** One line of the table. */
export interface CancelSetting {
  /** Whether the server pushes the cancel to the worker; otherwise it comes with the reply to a heartbeat. */
  push: boolean;
  /** Most time between two heartbeats that reach the server, milliseconds. */
  throttleMs: number;
}

const THROTTLES_MS = [50, DEFAULT_HEARTBEAT_THROTTLE_MS, 200, 500, 1600];

export const CANCEL_SETTINGS: readonly CancelSetting[] = [true, false].flatMap((push) =>
  THROTTLES_MS.map((throttleMs) => ({ push, throttleMs })),
);

/** What refutes the forecast. */
export type Refuted = 'by-answer' | 'by-stream';

export const REFUTED: readonly Refuted[] = ['by-answer', 'by-stream'];

/** Milliseconds from the refuting event to the last token, at most, with the settings that the plugin has by itself. */
export const CANCEL_TARGETS_MS = {
  pushed: { p50: 25, p95: 80 },
  heartbeats: { p50: 120, p95: 300 },
} as const;
