import type { Stage, StagedCall, StageStore, StageTransaction } from './stage-store';

/** What an effect consists of, as its owner writes it. */
export interface StageInput<Arguments extends unknown[], Value, Content, Connection> {
  /** Where the stages of this effect live. */
  store: StageStore<Connection>;
  /**
   * Does what nobody outside can see, and answers what the activity returns. May be called again for the same id after a crash, so what it
   * writes must be named by that id.
   */
  prepare: (call: StagedCall, ...args: Arguments) => Promise<{ value: Value; content: Content }>;
  /** Makes it visible, with the transaction that marks the stage as committed. */
  commit: (
    stage: Stage & { value: Value; content: Content },
    transaction: StageTransaction<Connection>,
  ) => Promise<void>;
  /** Drops it. Also called for a preparation that did not get to its end: then `value` and `content` are null. */
  discard: (
    stage: Stage & { value: Value | null; content: Content | null },
    transaction: StageTransaction<Connection>,
  ) => Promise<void>;
  /** How long a stage waits for its claim before it may be discarded, seconds. @default 3600 */
  ttlSeconds?: number;
}

/** A `staged` operation: `activities: { bookFlight: { effect: 'staged', stage: defineStage({ ... }) } }`. */
export interface StageDefinition {
  readonly store: StageStore;
  readonly prepare: (call: StagedCall, ...args: unknown[]) => Promise<{ value: unknown; content: unknown }>;
  readonly commit: (stage: Stage, transaction: StageTransaction) => Promise<void>;
  readonly discard: (stage: Stage, transaction: StageTransaction) => Promise<void>;
  readonly ttlSeconds: number;
}
