import { SqlStageStore } from './sql-stage-store';
import type { Parameter, Row, Session, StageDatabase } from './stage-database';
import { StageError } from './stage-error';
import type { Deliver } from './stage-store';

/** As much of a client of the package `pg` as the store needs. */
export interface PostgresConnection {
  query(sql: string, values?: unknown[]): Promise<{ rows: Row[]; command: string }>;
  release(destroy?: boolean | Error): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

/** As much of a `Pool` of the package `pg` as the store needs. */
export interface PostgresPool<Connection extends PostgresConnection> {
  connect(): Promise<Connection>;
  end(): Promise<void>;
}

export type PostgresStageStoreOptions<Connection extends PostgresConnection> = {
  /** Unique within a policy. */
  name: string;
  /** Schema of the tables; it is made where it is missing. @default the first one of the search path */
  schema?: string;
  /** Where messages of the outbox go. @default they stay until `relay` is called */
  deliver?: Deliver;
  /** How long a message may be on its way before it is delivered again, milliseconds. @default 60000 */
  deliveryLeaseMs?: number;
} & (
  | {
      /** For example `postgres://user:password@host:5432/database`. */
      connectionString: string;
      pool?: never;
    }
  | {
      /** A pool of one's own, `new PostgresStageStore<PoolClient>({ name, pool })`; the store does not close it. */
      pool: PostgresPool<Connection>;
      connectionString?: never;
    }
);

/**
 * Stages in a PostgreSQL database, with an outbox. Needs the package `pg`, which is optional.
 *
 * @typeParam Connection what a commit or a discard writes with: `PoolClient` of the package `pg`
 * @example
 * const store = new PostgresStageStore({ name: 'bookings', connectionString: process.env.DATABASE_URL });
 */
export class PostgresStageStore<
  Connection extends PostgresConnection = PostgresConnection,
> extends SqlStageStore<Connection> {
  constructor(options: PostgresStageStoreOptions<Connection>) {
    const { name, connectionString, pool, schema, deliver, deliveryLeaseMs = 60_000 } = options;
    if (pool === undefined && (typeof connectionString !== 'string' || connectionString === '')) {
      const remedy =
        'Give it, or a pool: new PostgresStageStore({ name, connectionString: process.env.DATABASE_URL }).';
      throw new StageError('STAGE_STORE_INVALID', 'connectionString', connectionString, remedy, 'is missing');
    }
    if (schema !== undefined && (schema === '' || schema.includes('\0'))) {
      const remedy = 'Give the name of a schema, or leave it out.';
      throw new StageError('STAGE_STORE_INVALID', 'schema', schema, remedy, 'is no name');
    }
    const source = pool ?? connectionString;
    const database = new PostgresDatabase<Connection>(source, schema ?? null);
    super({ name, deliver: deliver ?? null, deliveryLeaseMs, database });
  }
}

/** Any number will do, as long as nobody else takes the same. */
const SCHEMA_LOCK = 7_286_215_419;

class PostgresDatabase<Connection extends PostgresConnection> implements StageDatabase<Connection> {
  readonly prefix: string;
  readonly serialType = 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY';
  readonly lockRow = ' FOR UPDATE';
  readonly lockFreeRow = ' FOR UPDATE SKIP LOCKED';
  #pool: PostgresPool<Connection> | null;

  constructor(
    private readonly source: string | PostgresPool<Connection>,
    private readonly schema: string | null,
  ) {
    this.prefix = schema === null ? '' : `${quoted(schema)}.`;
    this.#pool = typeof source === 'string' ? null : source;
  }

  async connect(): Promise<void> {
    if (typeof this.source === 'string') this.#pool ??= await ownPool<Connection>(this.source);
  }

  async hasTable({ query }: Session<Connection>, name: string): Promise<boolean> {
    // Not by to_regclass: it may still remember a name as missing that somebody has made while this transaction waited for a lock.
    const rows = await query(
      `SELECT 1 FROM pg_catalog.pg_class AS relation
        JOIN pg_catalog.pg_namespace AS space ON space.oid = relation.relnamespace
        WHERE relation.relname = ? AND space.nspname = COALESCE(?, current_schema())`,
      [name, this.schema],
    );
    return rows.length > 0;
  }

  async lockSchema({ query }: Session<Connection>): Promise<void> {
    await query(`SELECT pg_advisory_xact_lock(${SCHEMA_LOCK})`, []);
    if (this.schema !== null) await query(`CREATE SCHEMA IF NOT EXISTS ${quoted(this.schema)}`, []);
  }

  async transaction<T>(body: (session: Session<Connection>) => Promise<T>): Promise<T> {
    return this.#withConnection(async (connection) => {
      await connection.query('BEGIN');
      const result = await body({ connection, query: (sql, parameters) => rowsOf(connection, sql, parameters) });
      const { command } = await connection.query('COMMIT');
      // That is how the server ends a transaction in which a statement has failed, whoever caught the error.
      if (command !== 'COMMIT') throw failedInside(command);
      return result;
    });
  }

  read(sql: string, parameters: readonly Parameter[]): Promise<Row[]> {
    return this.#withConnection((connection) => rowsOf(connection, sql, parameters));
  }

  async close(): Promise<void> {
    if (typeof this.source !== 'string') return;
    const pool = this.#pool;
    this.#pool = null;
    await pool?.end();
  }

  async #withConnection<T>(body: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#pool === null) {
      const remedy = 'Close it after its workers have stopped.';
      throw new StageError('STAGE_STORE_CLOSED', 'the store', null, remedy, 'is closed');
    }
    const connection = await this.#pool.connect();
    let usable = true;
    // Lost between two statements, it says so by an event, and without a listener that would end the process. The next statement fails.
    connection.on('error', ignore);
    try {
      return await body(connection);
    } catch (error) {
      usable = await rolledBack(connection);
      throw error;
    } finally {
      // A connection that cannot roll back is in an unknown state; without it, the server undoes everything.
      connection.release(!usable);
      if (usable) connection.removeListener('error', ignore);
    }
  }
}

function ignore(): void {
  // See where it is used.
}

async function rolledBack(connection: PostgresConnection): Promise<boolean> {
  try {
    await connection.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}

async function rowsOf(connection: PostgresConnection, sql: string, parameters: readonly Parameter[]): Promise<Row[]> {
  let number = 0;
  const numbered = sql.replaceAll('?', () => `$${(number += 1)}`);
  const { rows } = await connection.query(numbered, [...parameters]);
  return rows;
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function failedInside(command: string): StageError {
  const remedy = 'A statement failed and its error was caught: let it through, or use a savepoint.';
  const problem = 'was undone by the database';
  return new StageError('STAGE_TRANSACTION', 'the transaction', command, remedy, problem);
}

async function ownPool<Connection extends PostgresConnection>(
  connectionString: string,
): Promise<PostgresPool<Connection>> {
  const { Pool } = await loadPg();
  const pool = new Pool({ connectionString, allowExitOnIdle: true });
  // Without a listener, a server that closes an idle connection would end this process. The next query opens another one.
  pool.on('error', ignore);
  return pool as unknown as PostgresPool<Connection>;
}

async function loadPg(): Promise<typeof import('pg')> {
  try {
    return await import('pg');
  } catch (cause) {
    const remedy = 'Run: npm install pg';
    const problem = 'is needed by PostgresStageStore, and is optional and not installed';
    throw new StageError('STAGE_STORE_PACKAGE_MISSING', 'the package pg', 'pg', remedy, problem, { cause });
  }
}
