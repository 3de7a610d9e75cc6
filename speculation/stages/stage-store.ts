import type { CallName } from '../runtime/protocol';

/**
 * `preparing` until all that belongs to the stage is written, then `prepared`: nobody outside sees it. It ends `committed`, visible for
 * ever, or `discarded`, gone for ever as far as this preparation goes.
 */
export type StageState = 'preparing' | 'prepared' | 'committed' | 'discarded';

/** One effect that was prepared and is made visible by its commit alone. */
export interface Stage {
  /** Names the call that it belongs to, see `CallName`: the same for the launch and for the plain call. */
  id: string;
  /** Of the Temporal server. */
  namespace: string;
  activityType: string;
  workflowId: string;
  runId: string;
  state: StageState;
  /** 1 at first; one more each time that it is begun anew after it was discarded. */
  preparation: number;
  /** What the activity returns, plain JSON or undefined; null while it is being prepared. */
  value: unknown;
  /** What commit and discard need to know beyond the value, plain JSON or undefined; null while it is being prepared. */
  content: unknown;
  /** When its preparation began the last time, milliseconds since 1970. */
  begunAtMs: number;
  /** From here on the stage may be discarded although its pipeline still runs: a claim that comes later makes the call anew. */
  expiresAtMs: number;
}

/** A stage as its preparation begins. */
export type BegunStage = Omit<Stage, 'state' | 'preparation' | 'value' | 'content'>;

/** Something that leaves the database: handed to an outbox in the commit's own transaction, and delivered from there. */
export interface OutboxMessage {
  topic: string;
  /** Names the effect once and for all, so that a receiver recognises a repeated delivery. */
  key: string;
  /** Plain JSON. */
  body: unknown;
}

/** Takes a message to the outside world. It has arrived when this resolves; otherwise, and after a crash, it is delivered again. */
export type Deliver = (message: OutboxMessage) => Promise<void>;

/** What a commit or a discard writes with: in the same transaction as the change of the stage's state. */
export interface StageTransaction<Connection = unknown> {
  /** The database's own client, in the middle of the transaction: what is written with it happens exactly once. */
  readonly connection: Connection;
  /** Queues a message for the outside world: delivered at least once, under the same key. */
  readonly send: (message: OutboxMessage) => Promise<void>;
}

/** What is written together with a change of state. */
export type ApplyStage<Connection> = (stage: Stage, transaction: StageTransaction<Connection>) => Promise<void>;

/** Which undecided stages are wanted. */
export interface UndecidedQuery {
  namespace: string;
  activityTypes: readonly string[];
  /** Only those that were begun before that time, milliseconds since 1970. */
  beforeMs: number;
  /** Only those behind this one. @default from the oldest */
  after?: Pick<Stage, 'begunAtMs' | 'id'>;
  limit: number;
}

/**
 * Where stages live. Every change of state is one transaction; of two that race, one wins and the other sees what it did.
 *
 * @typeParam Connection what user code writes with inside of a transaction
 */
export interface StageStore<Connection = unknown> {
  /** Unique within a policy. */
  readonly name: string;
  /** Where messages of the outbox go; null where somebody else calls `relay`. */
  readonly deliver: Deliver | null;
  /** Connects, and makes the tables that are missing. Everything else does so first by itself; may be called again. */
  open(): Promise<void>;
  /**
   * Begins a preparation, unless there is a stage of this id that is prepared or committed: then that one is the answer. One that is being
   * prepared is shared; one that was discarded begins anew.
   */
  begin(stage: BegunStage): Promise<Stage>;
  /**
   * `preparing` to `prepared`. Answers what is there now: a stage that was discarded in the meantime stays so, and of two that prepared
   * the same one, the first counts.
   *
   * @throws StageError when value or content is not plain JSON
   */
  prepared(stage: Pick<Stage, 'id' | 'preparation'>, value: unknown, content: unknown): Promise<Stage>;
  /** `prepared` to `committed`, with what `apply` writes, exactly once. `already` when it was committed before, `gone` otherwise. */
  commit(id: string, apply: ApplyStage<Connection>): Promise<'committed' | 'already' | 'gone'>;
  /**
   * `preparing` or `prepared` to `discarded`, with what `apply` writes. `kept` when it was committed, `gone` otherwise.
   *
   * @param preparation the only one that is meant. @default whichever is there
   */
  discard(id: string, apply: ApplyStage<Connection>, preparation?: number): Promise<'discarded' | 'kept' | 'gone'>;
  read(id: string): Promise<Stage | null>;
  /** Stages that are neither committed nor discarded, oldest first. */
  undecided(query: UndecidedQuery): Promise<Stage[]>;
  /**
   * Hands undelivered messages to `deliver`, oldest first, each one once, and drops those for which it resolves.
   *
   * @returns how many were delivered
   */
  relay(deliver: Deliver, limit: number): Promise<{ delivered: number; failed: number }>;
  /** Drops what is remembered of stages that were discarded before that time. @returns how many */
  forgetDiscarded(beforeMs: number, limit: number): Promise<number>;
  close(): Promise<void>;
}

/** What the worker knows of the call that it stages. */
export interface StagedCall {
  id: string;
  activityType: string;
  workflowId: string;
  runId: string;
  /** Null where the pipeline names no calls: it has not got the plugin. */
  call: CallName | null;
}
