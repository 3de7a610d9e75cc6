import type { Context } from '@temporalio/activity';

export interface HeartbeatOptions {
  /** A beat of its own, so that a stalled stream still hears a cancel, in milliseconds. @default 200 */
  beatIntervalMs: number;
  /** At most one beat in this time on behalf of chunks, in milliseconds. @default 50 */
  chunkIntervalMs: number;
}

export const DEFAULT_HEARTBEATS: HeartbeatOptions = { beatIntervalMs: 200, chunkIntervalMs: 50 };

export interface Heartbeats {
  onChunk: () => void;
  stop: () => void;
}

/**
 * Keeps an activity in touch with the server from entry on: a cancel comes back in the reply to a heartbeat.
 *
 * @param context the running activity; null outside of one, where nothing beats
 * @param beforeBeat brings up to date what the heartbeat carries
 */
export function startHeartbeats(
  context: Context | null,
  options: HeartbeatOptions,
  beforeBeat: () => void,
): Heartbeats {
  if (context === null) return { onChunk: () => undefined, stop: () => undefined };
  let lastMs = Number.NEGATIVE_INFINITY;
  const beat = (): void => {
    lastMs = performance.now();
    beforeBeat();
    context.heartbeat();
  };
  beat();
  const timer = setInterval(beat, options.beatIntervalMs);
  return {
    onChunk: () => {
      if (performance.now() - lastMs >= options.chunkIntervalMs) beat();
    },
    stop: () => clearInterval(timer),
  };
}
