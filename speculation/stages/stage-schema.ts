import type { Session, StageDatabase } from './stage-database';
import { StageError } from './stage-error';

/** Written into the database; a store that does not know it leaves the tables alone. */
const SCHEMA_VERSION = 1;
const META = 'runahead_meta';

interface Tables {
  stages: string;
  outbox: string;
  meta: string;
}

/** Names of the tables, as they stand in SQL. */
export function tablesOf({ prefix }: Pick<StageDatabase<unknown>, 'prefix'>): Tables {
  return { stages: `${prefix}runahead_stages`, outbox: `${prefix}runahead_outbox`, meta: `${prefix}${META}` };
}

/**
 * Makes the tables where they are missing, and checks that they are as this version of the store expects them.
 *
 * @throws StageError with the code STAGE_STORE_NEWER
 */
export async function ensureSchema<Connection>(database: StageDatabase<Connection>, storeName: string): Promise<void> {
  await database.transaction(async (session) => {
    // Looking comes first: whoever may not make tables can still use them.
    if (!(await database.hasTable(session, META))) {
      await database.lockSchema(session);
      if (!(await database.hasTable(session, META))) await createTables(database, session);
    }
    await checkVersion(database, session, storeName);
  });
}

async function createTables<Connection>(
  database: StageDatabase<Connection>,
  { query }: Session<Connection>,
): Promise<void> {
  const { stages, outbox, meta } = tablesOf(database);
  await query(`CREATE TABLE ${meta} (name TEXT PRIMARY KEY, value TEXT NOT NULL)`, []);
  await query(
    `CREATE TABLE ${stages} (
      id TEXT PRIMARY KEY,
      namespace TEXT NOT NULL,
      activity_type TEXT NOT NULL,
      workflow_id TEXT NOT NULL,
      run_id TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('preparing', 'prepared', 'committed', 'discarded')),
      preparation BIGINT NOT NULL,
      value TEXT,
      content TEXT,
      begun_at_ms BIGINT NOT NULL,
      expires_at_ms BIGINT NOT NULL,
      decided_at_ms BIGINT
    )`,
    [],
  );
  await query(
    `CREATE INDEX runahead_stages_undecided ON ${stages} (namespace, begun_at_ms, id)
      WHERE state IN ('preparing', 'prepared')`,
    [],
  );
  await query(`CREATE INDEX runahead_stages_discarded ON ${stages} (decided_at_ms) WHERE state = 'discarded'`, []);
  await query(
    `CREATE TABLE ${outbox} (
      seq ${database.serialType},
      stage_id TEXT NOT NULL,
      topic TEXT NOT NULL,
      message_key TEXT NOT NULL,
      body TEXT NOT NULL,
      sent_at_ms BIGINT NOT NULL,
      attempts BIGINT NOT NULL DEFAULT 0,
      leased_until_ms BIGINT NOT NULL DEFAULT 0,
      lease TEXT,
      last_error TEXT
    )`,
    [],
  );
  await query(`INSERT INTO ${meta} (name, value) VALUES ('schema', ?)`, [String(SCHEMA_VERSION)]);
}

async function checkVersion<Connection>(
  database: StageDatabase<Connection>,
  { query }: Session<Connection>,
  storeName: string,
): Promise<void> {
  const [row] = await query(`SELECT value FROM ${tablesOf(database).meta} WHERE name = 'schema'`, []);
  const version = row?.['value'];
  if (version === String(SCHEMA_VERSION)) return;
  const remedy = `This package knows version ${SCHEMA_VERSION}. Update the workers that use the store "${storeName}".`;
  throw new StageError('STAGE_STORE_NEWER', 'the schema version', version, remedy, 'is unknown');
}
