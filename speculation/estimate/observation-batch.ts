import { applyObservations, type ControlState } from './control-state';
import type { Observation } from './observation';
import { isNewBatch, noSenders } from './senders';

/** Observations on their way to the control plane, as plain JSON. */
export interface ObservationBatch {
  /** Names the process that sends it; a text that no other process has. */
  sender: string;
  /** Grows from batch to batch of this sender, from 1; the same whenever the same batch is sent again. */
  number: number;
  observations: readonly Observation[];
}

/**
 * Takes in what came by signal: a batch, each of which counts once however often it comes, or a bare list of observations, each of
 * which counts once by its id among the latest 10,000. Returns how many observations were new.
 *
 * @param atMs Unix time; null without a clock
 * @throws TypeError when it is neither; then nothing has changed
 */
export function receiveObservations(state: ControlState, received: unknown, atMs: number | null = null): number {
  if (Array.isArray(received)) return applyObservations(state, received as Observation[], atMs);
  const { sender, number, observations } = parseBatch(received);
  // First of all, so that an observation which cannot be used does not hold up the batches behind it.
  if (!isNewBatch((state.senders ??= noSenders()), sender, number)) return 0;
  return applyObservations(state, observations, atMs);
}

function parseBatch(received: unknown): ObservationBatch {
  if (typeof received !== 'object' || received === null) {
    throw new TypeError(
      `observations are ${JSON.stringify(received)}; send a list, or { sender, number, observations }`,
    );
  }
  const { sender, number, observations } = received as { [Field in keyof ObservationBatch]?: unknown };
  if (typeof sender !== 'string' || sender === '') {
    throw new TypeError(`sender is ${JSON.stringify(sender)}; use a text that no other process has`);
  }
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1) {
    throw new TypeError(`number is ${JSON.stringify(number)}; count the batches of this sender from 1`);
  }
  if (!Array.isArray(observations)) {
    throw new TypeError(`observations are ${JSON.stringify(observations)}; send a list`);
  }
  return { sender, number, observations: observations as Observation[] };
}
