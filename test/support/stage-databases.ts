import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { Pool } from 'pg';
import { PostgresStageStore, type PostgresConnection } from '../../speculation/stages/postgres-store';
import { SqliteStageStore, type SqliteConnection } from '../../speculation/stages/sqlite-store';
import type { Deliver, Stage, StageStore, StageTransaction } from '../../speculation/stages/stage-store';
import { startPostgres } from './postgres';

export type StoreKind = 'SQLite' | 'PostgreSQL';

/** A store of the kind, on a file or a server that others use too. */
export function storeAt(
  kind: StoreKind,
  where: string,
  more: { deliver?: Deliver; deliveryLeaseMs?: number } = {},
): StageStore {
  const store =
    kind === 'SQLite'
      ? new SqliteStageStore({ name: 'test', file: where, ...more })
      : new PostgresStageStore({ name: 'test', connectionString: where, ...more });
  return store;
}

/** What a commit makes visible in these tests: one row of a table of the user's own. */
export async function makeVisible({ id }: Pick<Stage, 'id'>, { connection }: StageTransaction): Promise<void> {
  if (isSqlite(connection)) connection.prepare('INSERT INTO effects (id) VALUES (?)').run([id]);
  else await (connection as PostgresConnection).query('INSERT INTO effects (id) VALUES ($1)', [id]);
}

function isSqlite(connection: unknown): connection is SqliteConnection {
  return typeof (connection as Partial<SqliteConnection>).prepare === 'function';
}

/** A database for one test file, with a table of the user's own. */
export interface StageDatabaseForTests {
  /** File or connection string. */
  where: string;
  /** Rows of the user's table with that id, or all of them. */
  effects: (id?: string) => Promise<number>;
  /** Any statement, with rows as the answer. */
  query: (sql: string) => Promise<Record<string, unknown>[]>;
  stop: () => Promise<void>;
}

const EFFECTS = 'CREATE TABLE effects (seq_of_effect INTEGER, id TEXT NOT NULL)';

export async function startDatabase(kind: StoreKind): Promise<StageDatabaseForTests> {
  const { where, query, stop } = await (kind === 'SQLite' ? startSqlite() : startCluster());
  await query(EFFECTS);
  const effects = async (id?: string): Promise<number> => {
    const rows = await query('SELECT id FROM effects');
    return rows.filter((row) => id === undefined || row['id'] === id).length;
  };
  return { where, query, effects, stop };
}

async function startSqlite(): Promise<Omit<StageDatabaseForTests, 'effects'>> {
  const folder = mkdtempSync(join(tmpdir(), 'runahead-stages-'));
  const where = join(folder, 'stages.db');
  const database = new Database(where, { timeout: 5_000 });
  return {
    where,
    query: async (sql) => {
      const statement = database.prepare(sql) as {
        reader: boolean;
        run: () => void;
        all: () => Record<string, unknown>[];
      };
      if (statement.reader) return statement.all();
      statement.run();
      return [];
    },
    stop: async () => {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startCluster(): Promise<Omit<StageDatabaseForTests, 'effects'>> {
  const postgres = await startPostgres();
  const pool = new Pool({ connectionString: postgres.connectionString });
  // The server may be gone before the last connection is.
  pool.on('error', () => undefined);
  return {
    where: postgres.connectionString,
    query: async (sql) => (await pool.query<Record<string, unknown>>(sql)).rows,
    stop: async () => {
      await pool.end();
      await postgres.stop();
    },
  };
}
