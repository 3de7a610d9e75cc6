import { AsyncLocalStorage } from 'node:async_hooks';
import type { PartialChange } from '../forecast/partial-value';

/** How a running activity tells its pipeline what of its output is final. */
export interface OutputStream {
  /** Whether anybody wants to know. Where nobody does, finding out what is final can be left out. */
  readonly followed: boolean;
  /**
   * Says what became known of the activity's output, in order. Returns at once: it is sent in the background, together with what follows
   * soon, and what the activity has not sent when it returns is dropped. Never throws. What was said to be final must not change.
   */
  add(changes: readonly PartialChange[]): void;
}

const UNFOLLOWED: OutputStream = { followed: false, add: () => undefined };

const streamOfThisAttempt = new AsyncLocalStorage<OutputStream>();

export function withOutputStream<T>(stream: OutputStream, body: () => T): T {
  return streamOfThisAttempt.run(stream, body);
}

/**
 * The output of the running activity, as it becomes known. May be asked for anywhere below an activity; outside of one, on a worker
 * without the plugin, and where the pipeline does not follow the output, nothing comes of what is added.
 */
export function outputStream(): OutputStream {
  return streamOfThisAttempt.getStore() ?? UNFOLLOWED;
}
