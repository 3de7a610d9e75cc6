import { setTimeout as pause } from 'node:timers/promises';
import { SqlStageStore } from './sql-stage-store';
import type { Parameter, Row, Session, StageDatabase } from './stage-database';
import { StageError } from './stage-error';
import type { Deliver } from './stage-store';

/** What user code writes with in a commit or a discard: a connection of the package `libsql`, in the middle of a transaction. */
export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): {
    run(...parameters: unknown[]): { changes: number; lastInsertRowid: number | bigint };
    get(...parameters: unknown[]): unknown;
    all(...parameters: unknown[]): unknown[];
  };
}

export interface SqliteStageStoreOptions {
  /** Unique within a policy. */
  name: string;
  /** Path of the database. It is made where it is missing; several processes of one machine may share it. */
  file: string;
  /** Where messages of the outbox go. @default they stay until `relay` is called */
  deliver?: Deliver;
  /** How long a change waits for others to finish theirs, milliseconds. @default 10000 */
  busyTimeoutMs?: number;
  /** How long a message may be on its way before it is delivered again, milliseconds. @default 60000 */
  deliveryLeaseMs?: number;
}

/**
 * Stages in a SQLite file, with an outbox. Needs the package `libsql`, which is optional.
 *
 * @example
 * const store = new SqliteStageStore({ name: 'bookings', file: 'bookings.db' });
 */
export class SqliteStageStore extends SqlStageStore<SqliteConnection> {
  constructor({ name, file, deliver, busyTimeoutMs = 10_000, deliveryLeaseMs = 60_000 }: SqliteStageStoreOptions) {
    if (typeof file !== 'string' || file === '' || file.includes(':memory:')) {
      const remedy = 'Give the path of a file: a stage has to outlive its process.';
      throw new StageError('STAGE_STORE_INVALID', 'file', file, remedy, 'is no file');
    }
    super({ name, deliver: deliver ?? null, deliveryLeaseMs, database: new SqliteDatabase(file, busyTimeoutMs) });
  }
}

interface Libsql extends SqliteConnection {
  readonly inTransaction: boolean;
  prepare(sql: string): ReturnType<SqliteConnection['prepare']> & { readonly reader: boolean };
  close(): void;
}

const READ_TIMEOUT_MS = 1_000;

class SqliteDatabase implements StageDatabase<SqliteConnection> {
  readonly prefix = '';
  readonly serialType = 'INTEGER PRIMARY KEY AUTOINCREMENT';
  // BEGIN IMMEDIATE has locked everything.
  readonly lockRow = '';
  readonly lockFreeRow = '';
  #writer: Libsql | null = null;
  #reader: Libsql | null = null;
  /** The transaction that runs, and those that wait for it: one connection has one at a time. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly file: string,
    private readonly busyTimeoutMs: number,
  ) {}

  async connect(): Promise<void> {
    if (this.#writer !== null) return;
    const Database = await loadLibsql();
    let writer: Libsql;
    let reader: Libsql;
    try {
      writer = new Database(this.file);
      reader = new Database(this.file);
    } catch (cause) {
      const remedy = 'Check that its folder exists and may be written to.';
      throw new StageError('STAGE_STORE_UNREACHABLE', 'file', this.file, remedy, 'cannot be opened', { cause });
    }
    // To turn it on takes a lock, which others who open the same file may hold.
    await this.#whenFree(() => writer.exec('PRAGMA journal_mode = WAL'));
    writer.exec('PRAGMA synchronous = FULL');
    // A reader only ever waits for the repair after a crash.
    reader.exec(`PRAGMA busy_timeout = ${READ_TIMEOUT_MS}`);
    [this.#writer, this.#reader] = [writer, reader];
  }

  async hasTable({ query }: Session<SqliteConnection>, name: string): Promise<boolean> {
    const rows = await query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [name]);
    return rows.length > 0;
  }

  lockSchema(): Promise<void> {
    return Promise.resolve();
  }

  transaction<T>(body: (session: Session<SqliteConnection>) => Promise<T>): Promise<T> {
    const mine = this.#queue.then(() => this.#run(body));
    this.#queue = mine.catch(() => undefined);
    return mine;
  }

  read(sql: string, parameters: readonly Parameter[]): Promise<Row[]> {
    return Promise.resolve(rowsOf(connected(this.#reader), sql, parameters));
  }

  async close(): Promise<void> {
    await this.#queue;
    this.#writer?.close();
    this.#reader?.close();
    this.#writer = this.#reader = null;
  }

  async #run<T>(body: (session: Session<SqliteConnection>) => Promise<T>): Promise<T> {
    const writer = connected(this.#writer);
    await this.#whenFree(() => writer.exec('BEGIN IMMEDIATE'));
    try {
      const result = await body({
        connection: writer,
        query: (sql, parameters) => Promise.resolve(rowsOf(writer, sql, parameters)),
      });
      if (!writer.inTransaction) throw endedByUser();
      writer.exec('COMMIT');
      return result;
    } catch (error) {
      if (writer.inTransaction) writer.exec('ROLLBACK');
      throw error;
    }
  }

  /** Waits without blocking the process: the one who holds the lock may be part of it. */
  async #whenFree(take: () => void): Promise<void> {
    const deadline = Date.now() + this.busyTimeoutMs;
    for (;;) {
      try {
        take();
        return;
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (Date.now() > deadline) throw busy(this.file, this.busyTimeoutMs, error);
        await pause(1 + Math.random() * 20);
      }
    }
  }
}

function rowsOf(connection: Libsql, sql: string, parameters: readonly Parameter[]): Row[] {
  const statement = connection.prepare(sql);
  if (statement.reader) return statement.all(parameters) as Row[];
  statement.run(parameters);
  return [];
}

function connected(connection: Libsql | null): Libsql {
  if (connection !== null) return connection;
  throw new StageError(
    'STAGE_STORE_CLOSED',
    'the store',
    null,
    'Close it after its workers have stopped.',
    'is closed',
  );
}

function isBusy(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_BUSY');
}

function busy(file: string, busyTimeoutMs: number, cause: unknown): StageError {
  const remedy = `Others have written for more than ${busyTimeoutMs} ms: keep commits short, or raise busyTimeoutMs.`;
  return new StageError('STAGE_STORE_BUSY', 'file', file, remedy, 'is locked', { cause });
}

function endedByUser(): StageError {
  const remedy = 'Leave BEGIN, COMMIT and ROLLBACK to the store; throw an error to undo.';
  return new StageError('STAGE_TRANSACTION', 'the transaction', null, remedy, 'was ended inside of commit or discard');
}

async function loadLibsql(): Promise<new (path: string) => Libsql> {
  try {
    const { default: Database } = await import('libsql');
    return Database;
  } catch (cause) {
    const remedy = 'Run: npm install libsql';
    const problem = 'is needed by SqliteStageStore, and is optional and not installed';
    throw new StageError('STAGE_STORE_PACKAGE_MISSING', 'the package libsql', 'libsql', remedy, problem, { cause });
  }
}
