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
  activityType: string;
  workflowId: string;
  runId: string;
  state: StageState;
  /** What the activity returns, plain JSON; null while it is being prepared. */
  value: unknown;
  /** What commit and discard need to know beyond the value, plain JSON. */
  content: unknown;
  /** Milliseconds since 1970. */
  preparedAtMs: number;
  /** From here on the stage may be discarded although its pipeline still runs: a claim that comes later makes the call anew. */
  expiresAtMs: number;
}

/** Something that leaves the database: handed to an outbox in the commit's own transaction, and delivered from there. */
export interface OutboxMessage {
  topic: string;
  /** Names the effect once and for all, so that a receiver recognises a repeated delivery. */
  key: string;
  body: unknown;
}

/** What a commit or a discard writes with: in the same transaction as the change of the stage's state. */
export interface StageTransaction<Connection = unknown> {
  /** The database's own client, in the middle of the transaction: what is written with it happens exactly once. */
  readonly connection: Connection;
  /** Queues a message for the outside world: delivered at least once, under the same key. */
  send(message: OutboxMessage): Promise<void>;
}

/**
 * Where stages live. Every change of state is one transaction; of two that race, one wins and the other sees what it did.
 *
 * @typeParam Connection what user code writes with inside of a transaction
 */
export interface StageStore<Connection = unknown> {
  /** Unique within a policy. */
  readonly name: string;
  /** Connects, and makes the tables that are missing. Called before anything else, may be called again. */
  open(): Promise<void>;
  /** Begins a preparation, unless there is a stage of this id that is prepared or committed: then that one is the answer. */
  begin(stage: Omit<Stage, 'state' | 'value' | 'content'>): Promise<Stage>;
  /** `preparing` to `prepared`. Answers what is there now: a stage that was discarded in the meantime stays so. */
  prepared(id: string, value: unknown, content: unknown): Promise<Stage>;
  /** `prepared` to `committed`, with what `apply` writes, exactly once. `already` when it was committed before, `gone` otherwise. */
  commit(
    id: string,
    apply: (stage: Stage, transaction: StageTransaction<Connection>) => Promise<void>,
  ): Promise<'committed' | 'already' | 'gone'>;
  /** `preparing` or `prepared` to `discarded`, with what `apply` writes. `kept` when it was committed, `gone` otherwise. */
  discard(
    id: string,
    apply: (stage: Stage, transaction: StageTransaction<Connection>) => Promise<void>,
  ): Promise<'discarded' | 'kept' | 'gone'>;
  read(id: string): Promise<Stage | null>;
  /** Stages that are neither committed nor discarded and were begun before that time, oldest first. */
  undecided(beforeMs: number, limit: number): Promise<Stage[]>;
  /** Hands undelivered messages to `deliver`, oldest first, and marks those for which it resolves. @returns how many were delivered */
  relay(deliver: (message: OutboxMessage) => Promise<void>, limit: number): Promise<number>;
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
