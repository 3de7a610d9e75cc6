import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { Pool, type PoolClient } from 'pg';
import { PostgresStageStore } from '../speculation/stages/postgres-store';
import { SqliteStageStore } from '../speculation/stages/sqlite-store';
import type { BegunStage, OutboxMessage, Stage, StageStore, StageTransaction } from '../speculation/stages/stage-store';
import {
  makeVisible,
  startDatabase,
  storeAt,
  type StageDatabaseForTests,
  type StoreKind,
} from './support/stage-databases';

const nothing = async (): Promise<void> => undefined;
let stages = 0;

/** What a stage is called and whose it is; every test has ids of its own. */
function begun(change: Partial<BegunStage> = {}): BegunStage {
  const id = `stage-${(stages += 1)}`;
  return {
    ...{ id, namespace: 'default', activityType: 'book', workflowId: 'w', runId: 'r' },
    ...{ begunAtMs: 1_000, expiresAtMs: 5_000, ...change },
  };
}

/** In a process of its own that is killed without warning when it has printed a line. */
async function commitUntil(kind: StoreKind, where: string, ids: string[], killAt: string): Promise<string[]> {
  const hook = join(__dirname, 'support', 'typescript-hook.cjs');
  const script = join(__dirname, 'support', 'killable-commits.ts');
  const child = spawn(process.execPath, ['--require', hook, script, kind, where, ids.join(',')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    if (line === killAt) child.kill('SIGKILL');
  });
  await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return lines;
}

describe.each<StoreKind>(['SQLite', 'PostgreSQL'])('a store in %s', (kind) => {
  let database: StageDatabaseForTests;
  let store: StageStore;
  /** Another process, as far as the database can tell. */
  let other: StageStore;

  beforeAll(async () => {
    database = await startDatabase(kind);
    store = storeAt(kind, database.where);
    other = storeAt(kind, database.where, { deliveryLeaseMs: 1 });
    // Both make the tables at the same time.
    await Promise.all([store.open(), other.open(), store.open()]);
  });
  afterAll(async () => {
    await store.close();
    await other.close();
    await database.stop();
  });

  async function preparedStage(change: Partial<BegunStage> = {}, content: unknown = null): Promise<Stage> {
    const stage = await store.begin(begun(change));
    return store.prepared(stage, { said: stage.id }, content);
  }

  async function received(relaying = store): Promise<OutboxMessage[]> {
    const messages: OutboxMessage[] = [];
    await relaying.relay(async (message) => void messages.push(message), 1_000);
    return messages;
  }

  test('goes from preparing to prepared to committed, and what the commit writes is there once', async () => {
    const input = begun();
    const stage = await store.begin(input);
    expect(stage).toEqual({ ...input, state: 'preparing', preparation: 1, value: null, content: null });
    const prepared = await store.prepared(stage, { price: 12.5 }, ['draft-1']);
    expect(prepared).toEqual({ ...stage, state: 'prepared', value: { price: 12.5 }, content: ['draft-1'] });
    const seen: Stage[] = [];
    const apply = async (it: Stage, transaction: StageTransaction): Promise<void> => {
      seen.push(it);
      await makeVisible(it, transaction);
    };
    expect(await store.commit(stage.id, apply)).toBe('committed');
    expect(await other.commit(stage.id, apply)).toBe('already');
    expect(await other.discard(stage.id, apply)).toBe('kept');
    expect(await store.begin(input)).toEqual({ ...prepared, state: 'committed' });
    expect(await other.read(stage.id)).toEqual({ ...prepared, state: 'committed' });
    expect(seen).toEqual([prepared]);
    expect(await database.effects(stage.id)).toBe(1);
  });

  test('a prepared stage is the answer to whoever begins the same call again', async () => {
    const prepared = await preparedStage();
    const again = begun({ id: prepared.id, runId: 'another', begunAtMs: 9_000 });
    expect(await other.begin(again)).toEqual(prepared);
  });

  test('a preparation that a crash has cut off is gone on with, and can be discarded without value and content', async () => {
    const stage = await store.begin(begun());
    const again = begun({ id: stage.id, runId: 'retry', begunAtMs: 2_000, expiresAtMs: 6_000 });
    expect(await other.begin(again)).toMatchObject({ ...again, state: 'preparing', preparation: 1 });
    expect(await other.commit(stage.id, nothing)).toBe('gone');
    const seen: Stage[] = [];
    expect(await other.discard(stage.id, async (it) => void seen.push(it))).toBe('discarded');
    expect(seen).toMatchObject([{ state: 'preparing', value: null, content: null }]);
  });

  test('a discarded stage is gone for a commit and begins anew; what the earlier preparation says late does not count', async () => {
    const first = await store.begin(begun());
    expect(await store.discard(first.id, nothing)).toBe('discarded');
    expect(await store.discard(first.id, nothing)).toBe('gone');
    expect(await store.prepared(first, 'late', null)).toMatchObject({ state: 'discarded', value: null });
    expect(await store.commit(first.id, nothing)).toBe('gone');
    const second = await store.begin(begun({ id: first.id }));
    expect(second).toMatchObject({ state: 'preparing', preparation: 2, value: null });
    expect(await store.prepared(first, 'late', null)).toMatchObject({ state: 'preparing', preparation: 2 });
    expect(await store.discard(first.id, nothing, first.preparation)).toBe('gone');
    expect(await store.prepared(second, 'new', null)).toMatchObject({ state: 'prepared', value: 'new' });
    expect(await store.discard(first.id, nothing, first.preparation)).toBe('gone');
    expect(await store.commit(first.id, nothing)).toBe('committed');
  });

  test('of two that prepare the same stage the first counts', async () => {
    const stage = await store.begin(begun());
    const [one, two] = await Promise.all([store.prepared(stage, 'one', 1), other.prepared(stage, 'two', 2)]);
    expect(one).toEqual(two);
    expect(['one1', 'two2']).toContain(`${String(one.value)}${String(one.content)}`);
  });

  test('a stage that was never begun is unknown to everybody', async () => {
    expect(await store.read('no such stage')).toBeNull();
    expect(await store.commit('no such stage', nothing)).toBe('gone');
    expect(await store.discard('no such stage', nothing)).toBe('gone');
    await expect(store.prepared({ id: 'no such stage', preparation: 1 }, 1, 1)).rejects.toThrow(/Begin it first/);
  });

  test('a commit that fails has written nothing and sent nothing, and can be tried again', async () => {
    await received();
    const { id } = await preparedStage();
    const fails = async (stage: Stage, transaction: StageTransaction): Promise<void> => {
      await makeVisible(stage, transaction);
      await transaction.send({ topic: 'mail', key: id, body: 'too early' });
      throw new RangeError('no');
    };
    await expect(store.commit(id, fails)).rejects.toThrow(RangeError);
    await expect(store.discard(id, fails)).rejects.toThrow(RangeError);
    expect(await store.read(id)).toMatchObject({ state: 'prepared' });
    expect(await database.effects(id)).toBe(0);
    expect(await received()).toEqual([]);
    expect(await store.commit(id, makeVisible)).toBe('committed');
    expect(await database.effects(id)).toBe(1);
  });

  test('of many commits and discards at the same time exactly one wins, and the others see which', async () => {
    for (let round = 0; round < 12; round++) {
      const { id } = await preparedStage();
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, index) => {
          const racer = index % 2 === 0 ? store : other;
          // Who comes first differs from round to round.
          return (index + round) % 3 === 0 ? racer.discard(id, makeVisible) : racer.commit(id, makeVisible);
        }),
      );
      const { state } = (await store.read(id))!;
      expect(outcomes.filter((outcome) => outcome === 'committed' || outcome === 'discarded')).toEqual([state]);
      const losers = state === 'committed' ? ['already', 'kept', 'committed'] : ['gone', 'discarded'];
      expect(outcomes.filter((outcome) => !losers.includes(outcome))).toEqual([]);
      expect(await database.effects(id)).toBe(1);
    }
  });

  test('a process that is killed in the middle of a commit has committed nothing, and another one can', async () => {
    await received();
    const { id } = await preparedStage({ id: `${begun().id}-stuck` });
    await commitUntil(kind, database.where, [id], `in ${id}`);
    expect(await store.read(id)).toMatchObject({ state: 'prepared' });
    expect(await database.effects(id)).toBe(0);
    expect(await received()).toEqual([]);
    expect(await store.commit(id, makeVisible)).toBe('committed');
    expect(await database.effects(id)).toBe(1);
  });

  test('a process that is killed at any moment leaves each stage wholly committed or not at all', async () => {
    await received();
    const ids: string[] = [];
    for (let index = 0; index < 60; index++) ids.push((await preparedStage()).id);
    ids.push((await preparedStage({ id: `${begun().id}-stuck` })).id);
    const lines = await commitUntil(kind, database.where, ids, `done ${ids[29]!}`);
    const keys = (await received()).map(({ key }) => key);
    let committed = 0;
    for (const id of ids) {
      const { state } = (await store.read(id))!;
      const once = state === 'committed' ? 1 : 0;
      committed += once;
      expect({ id, effects: await database.effects(id), messages: keys.filter((key) => key === id).length }).toEqual({
        ...{ id, effects: once, messages: once },
      });
      if (lines.includes(`done ${id}`)) expect(state).toBe('committed');
    }
    expect(committed).toBeGreaterThanOrEqual(30);
    expect(committed).toBeLessThan(61);
  });

  test('any JSON value comes back as it was, whatever it is called and however it is nested', async () => {
    const property = fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), fc.string(), async (value, content, name) => {
      const sent = JSON.parse(JSON.stringify([value, content])) as unknown[];
      const stage = await store.begin(begun({ activityType: withoutNul(name) }));
      const prepared = await store.prepared(stage, sent[0], sent[1]);
      expect([prepared.value, prepared.content]).toEqual(sent);
      expect(await other.read(stage.id)).toEqual(prepared);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test.each<[what: string, value: unknown]>([
    ['a key __proto__', JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1}}')],
    ['a zero byte and halves of pairs', { text: 'a\0b\ud800c', '\0': '\udfff' }],
    ['quotes and statements', `'); DROP TABLE runahead_stages; -- " \\ ? $1 ?1`],
    ['what has a meaning in JSON', ['null', 'undefined', '[]', '{"__runahead":1}', null, false, 0, '']],
    ['every script', '\u{1F600}\u{10FFFF} e\u0301 \u202Eabc \uFEFF'],
    ['3 million characters', 'x'.repeat(3_000_000)],
    ['nothing', undefined],
  ])('%s comes back as it was', async (_what, value) => {
    const stage = await store.begin(begun());
    await store.prepared(stage, value, value);
    const found = (await other.read(stage.id))!;
    expect(found.value).toEqual(value);
    expect(found.content).toEqual(value);
    expect(JSON.stringify(found.value)).toBe(JSON.stringify(value));
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  const deep = Array.from({ length: 50_000 }).reduce<unknown>((inner) => [inner], 1);
  test.each<[what: string, value: unknown, problem: RegExp]>([
    ['a number that is none', { price: NaN }, /\$\.price is NaN/],
    ['a date', [new Date(0)], /\$\[0\] is a Date/],
    ['a function', { now: () => 1 }, /\$\.now is a function/],
    ['a bigint', 1n, /\$ is a bigint/],
    ['a map', new Map([[1, 2]]), /\$ is a Map/],
    ['undefined in an array', [undefined], /\$\[0\] is undefined/],
    ['itself', loop, /\$\.self contains itself/],
    ['more levels than the stack has', deep, /RangeError/],
  ])('%s is refused, and the stage stays as it was', async (_what, value, problem) => {
    const stage = await store.begin(begun());
    for (const [one, two] of [
      [value, null],
      [null, value],
    ]) {
      const refusal = store.prepared(stage, one, two);
      await expect(refusal).rejects.toMatchObject({ code: 'STAGE_NOT_JSON' });
      await expect(refusal).rejects.toThrow(problem);
    }
    expect(await store.read(stage.id)).toEqual(stage);
  });

  test('undecided stages are listed page by page, oldest first, and no others', async () => {
    const of = { namespace: `space-${kind}`, activityType: 'mine' };
    const times = [300, 100, 200, 200, 400];
    const open = await Promise.all(times.map((begunAtMs) => store.begin(begun({ ...of, begunAtMs }))));
    await store.prepared(open[1]!, 1, 1);
    for (const finish of ['commit', 'discard'] as const) {
      const { id } = await preparedStage({ ...of, begunAtMs: 150 });
      await store[finish](id, nothing);
    }
    await store.begin(begun({ ...of, begunAtMs: 150, namespace: 'elsewhere' }));
    await store.begin(begun({ ...of, begunAtMs: 150, activityType: 'theirs' }));
    const query = { namespace: of.namespace, activityTypes: ['mine', 'other'], beforeMs: 400, limit: 2 };
    const first = await other.undecided(query);
    const second = await other.undecided({ ...query, after: first[1]! });
    expect([...first, ...second].map(({ begunAtMs }) => begunAtMs)).toEqual([100, 200, 200, 300]);
    expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(4);
    expect(first[0]).toMatchObject({ state: 'prepared', value: 1 });
    expect(await other.undecided({ ...query, after: second[1]! })).toEqual([]);
    expect(await other.undecided({ ...query, activityTypes: [] })).toEqual([]);
  });

  test('what was discarded long ago is forgotten, and nothing else', async () => {
    const [kept, dropped] = [await preparedStage(), await preparedStage()];
    await store.commit(kept.id, nothing);
    await store.discard(dropped.id, nothing);
    expect(await store.forgetDiscarded(Date.now() - 60_000, 1_000)).toBe(0);
    expect(await store.forgetDiscarded(Date.now() + 60_000, 1_000)).toBeGreaterThan(0);
    expect(await store.read(dropped.id)).toBeNull();
    expect(await store.read(kept.id)).toMatchObject({ state: 'committed' });
    expect(await store.commit(dropped.id, nothing)).toBe('gone');
  });

  describe('the outbox', () => {
    beforeEach(async () => {
      await received(other);
    });

    async function send(...keys: string[]): Promise<void> {
      for (const key of keys) {
        const { id } = await preparedStage();
        await store.commit(id, (_stage, { send: sendOne }) => sendOne({ topic: 't', key, body: { key } }));
      }
    }

    test('hands messages over in the order of their commits, once they have arrived never again', async () => {
      const { id } = await preparedStage();
      await store.commit(id, async (_stage, transaction) => {
        await transaction.send({ topic: 'mail', key: `${id}/1`, body: { to: `o'neill "x"`, n: [1, null] } });
        await transaction.send({ topic: 'hook', key: `${id}/2`, body: 'two' });
      });
      expect(await received()).toEqual([
        { topic: 'mail', key: `${id}/1`, body: { to: `o'neill "x"`, n: [1, null] } },
        { topic: 'hook', key: `${id}/2`, body: 'two' },
      ]);
      expect(await received(other)).toEqual([]);
    });

    test('delivers what a receiver did not take again under the same key, and does not let it hold up the others', async () => {
      await send('a', 'bad', 'c');
      const seen: string[] = [];
      const picky = async ({ key }: OutboxMessage): Promise<void> => {
        seen.push(key);
        if (key === 'bad') throw new Error('not today\0');
      };
      expect(await store.relay(picky, 10)).toEqual({ delivered: 2, failed: 1 });
      expect(seen).toEqual(['a', 'bad', 'c']);
      expect(await store.relay(picky, 10)).toEqual({ delivered: 0, failed: 1 });
      const rows = await database.query('SELECT message_key, attempts, last_error FROM runahead_outbox');
      expect(rows.map((row) => [row['message_key'], Number(row['attempts']), row['last_error']])).toEqual([
        ['bad', 2, 'not today'],
      ]);
      expect(await received()).toEqual([{ topic: 't', key: 'bad', body: { key: 'bad' } }]);
    });

    test('gives no message to two relays at a time, and takes no more than it is asked to', async () => {
      const keys = Array.from({ length: 20 }, (_, index) => `m${index}`);
      await send(...keys);
      const seen: string[] = [];
      const take = async ({ key }: OutboxMessage): Promise<void> => void seen.push(key);
      const lasting = storeAt(kind, database.where);
      expect(await store.relay(take, 3)).toEqual({ delivered: 3, failed: 0 });
      expect(seen).toEqual(['m0', 'm1', 'm2']);
      await Promise.all([store.relay(take, 100), lasting.relay(take, 100), store.relay(take, 100)]);
      expect([...seen].sort()).toEqual([...keys].sort());
      await lasting.close();
    });

    test('delivers again what somebody has taken and then died with', async () => {
      await send('lost');
      // The lease of this store is over at once, as if its process had died a minute ago.
      const dies = other.relay(() => new Promise(() => undefined), 1);
      const seen: string[] = [];
      while (seen.length === 0) await store.relay(async ({ key }) => void seen.push(key), 10);
      expect(seen).toEqual(['lost']);
      void dies;
    });

    test.each([
      ['topic', { topic: '', key: 'k', body: 1 }, 'STAGE_MESSAGE_INVALID'],
      ['key', { topic: 't', key: 'a\0b', body: 1 }, 'STAGE_MESSAGE_INVALID'],
      ['key', { topic: 't', key: '\ud800', body: 1 }, 'STAGE_MESSAGE_INVALID'],
      ['body', { topic: 't', key: 'k', body: () => 1 }, 'STAGE_NOT_JSON'],
    ])('refuses a message with a bad %s, and the commit with it', async (_field, message, code) => {
      const { id } = await preparedStage();
      const commit = store.commit(id, (_stage, transaction) => transaction.send(message));
      await expect(commit).rejects.toMatchObject({ code });
      expect(await store.read(id)).toMatchObject({ state: 'prepared' });
    });
  });

  test('a change of a stage inside of another one is refused, because it would wait for itself', async () => {
    const [one, two] = [await preparedStage(), await preparedStage()];
    const nested = store.commit(one.id, () => store.commit(two.id, nothing).then(nothing));
    await expect(nested).rejects.toMatchObject({ code: 'STAGE_TRANSACTION' });
    expect(await store.read(two.id)).toMatchObject({ state: 'prepared' });
    expect(await store.commit(one.id, () => store.read(two.id).then(nothing))).toBe('committed');
  });

  test('a transaction cannot be used when it is over', async () => {
    const { id } = await preparedStage();
    let kept: StageTransaction | undefined;
    await store.commit(id, async (_stage, transaction) => void (kept = transaction));
    expect(() => kept?.connection).toThrow(/was used after its transaction/);
    await expect(kept?.send({ topic: 't', key: 'k', body: 1 })).rejects.toMatchObject({ code: 'STAGE_TRANSACTION' });
  });

  test('a closed store says so, and can be opened again', async () => {
    const closing = storeAt(kind, database.where);
    const { id } = await preparedStage();
    expect(await closing.read(id)).toMatchObject({ id });
    await closing.close();
    await expect(closing.commit(id, nothing)).rejects.toMatchObject({ code: 'STAGE_STORE_CLOSED' });
    await expect(closing.read(id)).rejects.toMatchObject({ code: 'STAGE_STORE_CLOSED' });
    await closing.open();
    expect(await closing.commit(id, nothing)).toBe('committed');
    await closing.close();
  });

  test('tables of a later version are left alone', async () => {
    await database.query(`UPDATE runahead_meta SET value = '99'`);
    const old = storeAt(kind, database.where);
    await expect(old.open()).rejects.toMatchObject({ code: 'STAGE_STORE_NEWER', value: '99' });
    await database.query(`UPDATE runahead_meta SET value = '1'`);
    await old.open();
    await old.close();
  });
});

describe('a PostgreSQL store', () => {
  let database: StageDatabaseForTests;
  beforeAll(async () => void (database = await startDatabase('PostgreSQL')));
  afterAll(() => database.stop());

  async function preparedIn(store: StageStore): Promise<Stage> {
    return store.prepared(await store.begin(begun()), 1, 1);
  }

  test('does not take a commit for done in which a statement has failed, although its error was caught', async () => {
    const store = new PostgresStageStore({ name: 'test', connectionString: database.where });
    const { id } = await preparedIn(store);
    const commit = store.commit(id, async (stage, transaction) => {
      await makeVisible(stage, transaction);
      await transaction.connection.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(commit).rejects.toMatchObject({ code: 'STAGE_TRANSACTION' });
    expect(await store.read(id)).toMatchObject({ state: 'prepared' });
    expect(await database.effects(id)).toBe(0);
    await store.close();
  });

  test('outlives the loss of its connection in the middle of a commit, which is undone', async () => {
    const store = new PostgresStageStore({ name: 'test', connectionString: database.where });
    const { id } = await preparedIn(store);
    const commit = store.commit(id, async (stage, transaction) => {
      await makeVisible(stage, transaction);
      const { rows } = await transaction.connection.query('SELECT pg_backend_pid() AS pid');
      const lost = new Promise((resolve) => transaction.connection.on('error', resolve));
      await database.query(`SELECT pg_terminate_backend(${Number(rows[0]!['pid'])})`);
      await lost;
    });
    await expect(commit).rejects.toThrow();
    expect(await store.read(id)).toMatchObject({ state: 'prepared' });
    expect(await store.commit(id, makeVisible)).toBe('committed');
    expect(await database.effects(id)).toBe(1);
    await store.close();
  });

  test('keeps to a schema of its own, and leaves the pool that it was given open', async () => {
    const pool = new Pool({ connectionString: database.where });
    // The server may be gone before the last connection is.
    pool.on('error', () => undefined);
    const schema = 'of "one" team';
    const store = new PostgresStageStore<PoolClient>({ name: 'test', pool, schema });
    const { id } = await preparedIn(store);
    const typed = async (_stage: Stage, { connection }: StageTransaction<PoolClient>): Promise<void> => {
      expect((await connection.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    };
    expect(await store.commit(id, typed)).toBe('committed');
    const rows = await database.query(`SELECT count(*) AS n FROM "of ""one"" team".runahead_stages`);
    expect(rows).toEqual([{ n: '1' }]);
    await store.close();
    expect((await pool.query<{ n: number }>('SELECT 2 AS n')).rows).toEqual([{ n: 2 }]);
    await pool.end();
  });

  test.each([
    [{ name: 'x', connectionString: '' }, /connectionString is missing/],
    [{ name: 'x', connectionString: 'postgres://127.0.0.1/x', schema: '' }, /schema is no name/],
  ])('refuses %j', (options, message) => {
    expect(() => new PostgresStageStore(options)).toThrow(message);
  });
});

describe('a SQLite store', () => {
  let database: StageDatabaseForTests;
  beforeAll(async () => void (database = await startDatabase('SQLite')));
  afterAll(() => database.stop());

  test('says so when a commit ends the transaction by itself', async () => {
    const store = new SqliteStageStore({ name: 'test', file: database.where });
    const { id } = await store.prepared(await store.begin(begun()), 1, 1);
    const commit = store.commit(id, async (_stage, { connection }) => connection.exec('ROLLBACK'));
    await expect(commit).rejects.toThrow(/was ended inside of commit or discard/);
    expect(await store.read(id)).toMatchObject({ state: 'prepared' });
    expect(await store.commit(id, nothing)).toBe('committed');
    await store.close();
  });

  test('gives up on a file that somebody else does not let go, and works again afterwards', async () => {
    const store = new SqliteStageStore({ name: 'test', file: database.where, busyTimeoutMs: 20 });
    const stage = await store.begin(begun());
    await database.query('BEGIN IMMEDIATE');
    await expect(store.prepared(stage, 1, 1)).rejects.toMatchObject({ code: 'STAGE_STORE_BUSY' });
    expect(await store.read(stage.id)).toEqual(stage);
    await database.query('ROLLBACK');
    expect(await store.prepared(stage, 1, 1)).toMatchObject({ state: 'prepared' });
    await store.close();
  });

  test.each(['', ':memory:', 'file::memory:?cache=shared'])(
    'refuses the file "%s", which would not outlive its process',
    (file) => {
      expect(() => new SqliteStageStore({ name: 'test', file })).toThrow(/file is no file/);
    },
  );

  test('says which file cannot be opened', async () => {
    const store = new SqliteStageStore({ name: 'test', file: join(database.where, 'no', 'folder.db') });
    await expect(store.open()).rejects.toMatchObject({ code: 'STAGE_STORE_UNREACHABLE' });
  });
});

test.each([
  ['libsql', () => new SqliteStageStore({ name: 'test', file: '/tmp/never-made.db' })],
  ['pg', () => new PostgresStageStore({ name: 'test', connectionString: 'postgres://127.0.0.1/x' })],
])('without the optional package %s the store says what to install', async (name, make) => {
  jest.doMock(name, () => {
    throw new Error(`Cannot find module '${name}'`);
  });
  jest.resetModules();
  await expect(make().open()).rejects.toMatchObject({
    code: 'STAGE_STORE_PACKAGE_MISSING',
    message: expect.stringContaining(`npm install ${name}`),
  });
  jest.dontMock(name);
});

function withoutNul(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '');
}
