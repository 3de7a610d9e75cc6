import type { Context } from '@temporalio/activity';

export interface HeartbeatOptions {
  /** A beat of its own, so that a stalled stream still hears a cancel, in milliseconds. @default 200 */
  beatIntervalMs: number;
  /** At most one beat in this time on behalf of chunks, in milliseconds. @default 50 */
  chunkIntervalMs: number;
}

export const DEFAULT_HEARTBEATS: HeartbeatOptions = { beatIntervalMs: 200, chunkIntervalMs: 50 };

export interface Heartbeats {
  /** Beats now: there is something to say that must not be lost. */
  beat: () => void;
  onChunk: () => void;
  stop: () => void;
}

/**
 * Keeps an activity in touch with the server: a cancel comes back in the reply to a heartbeat. It does not beat at entry, because the SDK
 * sends the first beat at once and holds back those that follow, so the first one should have something to say.
 *
 * @param context the running activity; null outside of one, where nothing beats
 * @param beforeBeat brings up to date what the heartbeat carries
 */
export function startHeartbeats(
  context: Context | null,
  options: HeartbeatOptions,
  beforeBeat: () => void,
): Heartbeats {
  if (context === null) return { beat: () => undefined, onChunk: () => undefined, stop: () => undefined };
  let lastMs = Number.NEGATIVE_INFINITY;
  const beat = (): void => {
    lastMs = performance.now();
    beforeBeat();
    context.heartbeat();
  };
  const timer = setInterval(beat, options.beatIntervalMs);
  return {
    beat,
    onChunk: () => {
      if (performance.now() - lastMs >= options.chunkIntervalMs) beat();
    },
    stop: () => clearInterval(timer),
  };
}
