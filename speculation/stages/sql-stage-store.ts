import { AsyncLocalStorage } from 'node:async_hooks';
import { plainJson } from './plain-json';
import type { Parameter, Session, StageDatabase } from './stage-database';
import { StageError } from './stage-error';
import { relayOutbox, sendThroughOutbox } from './stage-outbox';
import { stageOf } from './stage-row';
import { ensureSchema, tablesOf } from './stage-schema';
import type {
  ApplyStage,
  BegunStage,
  Deliver,
  OutboxMessage,
  Stage,
  StageStore,
  StageTransaction,
  UndecidedQuery,
} from './stage-store';

export interface SqlStageStoreOptions<Connection> {
  name: string;
  database: StageDatabase<Connection>;
  deliver: Deliver | null;
  /** How long a message may be on its way before it is delivered again, milliseconds. */
  deliveryLeaseMs: number;
}

/**
 * Stages and an outbox in a database with transactions. Each change of state locks the row first, so those who race come one after the
 * other, and the later one sees what the earlier one did.
 */
export class SqlStageStore<Connection> implements StageStore<Connection> {
  readonly name: string;
  readonly deliver: Deliver | null;
  readonly #database: StageDatabase<Connection>;
  readonly #deliveryLeaseMs: number;
  readonly #inside = new AsyncLocalStorage<true>();
  #opening: Promise<void> | null = null;
  #closed = false;

  constructor({ name, database, deliver, deliveryLeaseMs }: SqlStageStoreOptions<Connection>) {
    this.name = name;
    this.deliver = deliver;
    this.#database = database;
    this.#deliveryLeaseMs = deliveryLeaseMs;
  }

  async open(): Promise<void> {
    this.#closed = false;
    await this.#ready();
  }

  begin(stage: BegunStage): Promise<Stage> {
    const { stages } = tablesOf(this.#database);
    const { id, namespace, activityType, workflowId, runId, begunAtMs, expiresAtMs } = stage;
    return this.#transaction(async (session) => {
      await session.query(
        `INSERT INTO ${stages}
          (id, namespace, activity_type, workflow_id, run_id, state, preparation, begun_at_ms, expires_at_ms)
          VALUES (?, ?, ?, ?, ?, 'preparing', 1, ?, ?) ON CONFLICT (id) DO NOTHING`,
        [id, namespace, activityType, workflowId, runId, begunAtMs, expiresAtMs],
      );
      const there = await this.#locked(session, id);
      if (there === null) throw new Error(`The stage ${id} was written and is not there.`);
      if (there.state === 'prepared' || there.state === 'committed') return there;
      const preparation = there.state === 'discarded' ? there.preparation + 1 : there.preparation;
      await session.query(
        `UPDATE ${stages} SET state = 'preparing', preparation = ?, run_id = ?, value = NULL, content = NULL,
          begun_at_ms = ?, expires_at_ms = ?, decided_at_ms = NULL WHERE id = ?`,
        [preparation, runId, begunAtMs, expiresAtMs, id],
      );
      return { ...there, state: 'preparing', preparation, runId, value: null, content: null, begunAtMs, expiresAtMs };
    });
  }

  async prepared(
    { id, preparation }: Pick<Stage, 'id' | 'preparation'>,
    value: unknown,
    content: unknown,
  ): Promise<Stage> {
    const texts = [storable(value, 'value'), storable(content, 'content')];
    const { stages } = tablesOf(this.#database);
    return this.#transaction(async (session) => {
      await session.query(
        `UPDATE ${stages} SET state = 'prepared', value = ?, content = ?
          WHERE id = ? AND preparation = ? AND state = 'preparing'`,
        [...texts, id, preparation],
      );
      const there = await this.#locked(session, id);
      if (there !== null) return there;
      const remedy = 'Begin it first; the id is the answer of begin().';
      throw new StageError('STAGE_INVALID', 'id', id, remedy, 'is no stage of this store');
    });
  }

  commit(id: string, apply: ApplyStage<Connection>): Promise<'committed' | 'already' | 'gone'> {
    return this.#transaction(async (session) => {
      const there = await this.#locked(session, id);
      if (there?.state === 'committed') return 'already';
      if (there?.state !== 'prepared') return 'gone';
      await this.#decide(session, there, 'committed', apply);
      return 'committed';
    });
  }

  discard(id: string, apply: ApplyStage<Connection>, preparation?: number): Promise<'discarded' | 'kept' | 'gone'> {
    return this.#transaction(async (session) => {
      const there = await this.#locked(session, id);
      if (there?.state === 'committed') return 'kept';
      if (there === null || there.state === 'discarded') return 'gone';
      if (preparation !== undefined && there.preparation !== preparation) return 'gone';
      await this.#decide(session, there, 'discarded', apply);
      return 'discarded';
    });
  }

  async read(id: string): Promise<Stage | null> {
    await this.#ready();
    const [row] = await this.#database.read(`SELECT * FROM ${tablesOf(this.#database).stages} WHERE id = ?`, [id]);
    return row === undefined ? null : stageOf(row);
  }

  async undecided({ namespace, activityTypes, beforeMs, after, limit }: UndecidedQuery): Promise<Stage[]> {
    if (activityTypes.length === 0) return [];
    await this.#ready();
    const types = activityTypes.map(() => '?').join(', ');
    const behind = after === undefined ? '' : 'AND (begun_at_ms, id) > (?, ?)';
    const parameters: Parameter[] = [namespace, beforeMs, ...activityTypes];
    if (after !== undefined) parameters.push(after.begunAtMs, after.id);
    const rows = await this.#database.read(
      `SELECT * FROM ${tablesOf(this.#database).stages}
        WHERE state IN ('preparing', 'prepared') AND namespace = ? AND begun_at_ms < ? AND activity_type IN (${types})
        ${behind} ORDER BY begun_at_ms, id LIMIT ?`,
      [...parameters, limit],
    );
    return rows.map(stageOf);
  }

  async relay(deliver: Deliver, limit: number): Promise<{ delivered: number; failed: number }> {
    await this.#ready();
    return relayOutbox(this.#database, deliver, limit, this.#deliveryLeaseMs);
  }

  forgetDiscarded(beforeMs: number, limit: number): Promise<number> {
    const { stages } = tablesOf(this.#database);
    return this.#transaction(async ({ query }) => {
      const rows = await query(
        `DELETE FROM ${stages} WHERE id IN (
          SELECT id FROM ${stages} WHERE state = 'discarded' AND decided_at_ms < ?
          ORDER BY decided_at_ms LIMIT ?${this.#database.lockFreeRow}
        ) RETURNING id`,
        [beforeMs, limit],
      );
      return rows.length;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#opening = null;
    await this.#database.close();
  }

  async #decide(
    session: Session<Connection>,
    stage: Stage,
    state: 'committed' | 'discarded',
    apply: ApplyStage<Connection>,
  ): Promise<void> {
    // First the state and then the rest: code that ends the transaction by itself has ended it with both.
    await session.query(`UPDATE ${tablesOf(this.#database).stages} SET state = ?, decided_at_ms = ? WHERE id = ?`, [
      state,
      Date.now(),
      stage.id,
    ]);
    const transaction = new RunningTransaction(session, (message) =>
      sendThroughOutbox(this.#database, session, stage.id, message),
    );
    try {
      await apply(stage, transaction);
    } finally {
      transaction.over = true;
    }
  }

  async #locked({ query }: Session<Connection>, id: string): Promise<Stage | null> {
    const { stages } = tablesOf(this.#database);
    const [row] = await query(`SELECT * FROM ${stages} WHERE id = ?${this.#database.lockRow}`, [id]);
    return row === undefined ? null : stageOf(row);
  }

  async #transaction<T>(body: (session: Session<Connection>) => Promise<T>): Promise<T> {
    if (this.#inside.getStore() === true) {
      const remedy = 'Write with transaction.connection, and decide other stages afterwards.';
      const problem = 'was used for another change inside of a commit or discard, which would wait for itself';
      throw new StageError('STAGE_TRANSACTION', `the store "${this.name}"`, this.name, remedy, problem);
    }
    await this.#ready();
    return this.#database.transaction((session) => this.#inside.run(true, () => body(session)));
  }

  async #ready(): Promise<void> {
    if (this.#closed) {
      const remedy = 'Close a store after its workers have stopped, or open() it again.';
      throw new StageError('STAGE_STORE_CLOSED', 'the store', this.name, remedy, 'is closed');
    }
    this.#opening ??= this.#connect();
    try {
      await this.#opening;
    } catch (error) {
      // Tried again by whoever comes next.
      this.#opening = null;
      throw error;
    }
  }

  async #connect(): Promise<void> {
    await this.#database.connect();
    await ensureSchema(this.#database, this.name);
  }
}

class RunningTransaction<Connection> implements StageTransaction<Connection> {
  over = false;
  readonly #session: Session<Connection>;
  readonly send: (message: OutboxMessage) => Promise<void>;

  constructor(session: Session<Connection>, send: (message: OutboxMessage) => Promise<void>) {
    this.#session = session;
    this.send = async (message) => {
      this.#check('send');
      await send(message);
    };
  }

  get connection(): Connection {
    this.#check('connection');
    return this.#session.connection;
  }

  #check(what: string): void {
    if (!this.over) return;
    const remedy = 'Await everything that belongs to a commit or a discard before it returns.';
    throw new StageError('STAGE_TRANSACTION', `transaction.${what}`, null, remedy, 'was used after its transaction');
  }
}

/** @throws StageError when it is not plain JSON; undefined is stored as such */
function storable(value: unknown, field: string): string | null {
  return value === undefined ? null : plainJson(value, field);
}
