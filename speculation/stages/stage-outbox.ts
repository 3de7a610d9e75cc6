import { randomUUID } from 'node:crypto';
import { plainJson } from './plain-json';
import type { Row, Session, StageDatabase } from './stage-database';
import { StageError } from './stage-error';
import { tablesOf } from './stage-schema';
import type { Deliver, OutboxMessage } from './stage-store';

const MAX_ERROR_LENGTH = 500;

/** Queues a message in the transaction that makes it true. */
export async function sendThroughOutbox(
  database: StageDatabase<unknown>,
  { query }: Session<unknown>,
  stageId: string,
  message: OutboxMessage,
): Promise<void> {
  const { topic, key, body } = checked(message);
  await query(
    `INSERT INTO ${tablesOf(database).outbox} (stage_id, topic, message_key, body, sent_at_ms) VALUES (?, ?, ?, ?, ?)`,
    [stageId, topic, key, plainJson(body, 'message.body'), Date.now()],
  );
}

/**
 * Hands messages over one by one, each once, oldest first. A message is leased and not locked meanwhile: a receiver may take its time,
 * and no transaction is open for that long. Who dies in between leaves it to others when the lease is over.
 */
export async function relayOutbox<Connection>(
  database: StageDatabase<Connection>,
  deliver: Deliver,
  limit: number,
  leaseMs: number,
): Promise<{ delivered: number; failed: number }> {
  const { outbox } = tablesOf(database);
  let [last, delivered, failed] = [0, 0, 0];
  while (delivered + failed < limit) {
    const lease = randomUUID();
    const row = await leaseNext(database, last, lease, leaseMs);
    if (row === undefined) break;
    const seq = Number(row['seq']);
    last = seq;
    const message = {
      topic: String(row['topic']),
      key: String(row['message_key']),
      body: JSON.parse(String(row['body'])) as unknown,
    };
    const problem = await problemOf(deliver, message);
    if (problem === null) delivered += 1;
    else failed += 1;
    await database.transaction(({ query }) =>
      problem === null
        ? query(`DELETE FROM ${outbox} WHERE seq = ? AND lease = ?`, [seq, lease])
        : query(`UPDATE ${outbox} SET leased_until_ms = 0, last_error = ? WHERE seq = ? AND lease = ?`, [
            problem,
            seq,
            lease,
          ]),
    );
  }
  return { delivered, failed };
}

async function leaseNext<Connection>(
  database: StageDatabase<Connection>,
  after: number,
  lease: string,
  leaseMs: number,
): Promise<Row | undefined> {
  const { outbox } = tablesOf(database);
  const now = Date.now();
  const rows = await database.transaction(({ query }) =>
    query(
      `UPDATE ${outbox} SET leased_until_ms = ?, lease = ?, attempts = attempts + 1 WHERE seq = (
        SELECT seq FROM ${outbox} WHERE seq > ? AND leased_until_ms <= ? ORDER BY seq LIMIT 1${database.lockFreeRow}
      ) RETURNING seq, topic, message_key, body`,
      [now + leaseMs, lease, after, now],
    ),
  );
  return rows[0];
}

/** One bad receiver must not keep the rest from being delivered. */
async function problemOf(deliver: Deliver, message: OutboxMessage): Promise<string | null> {
  try {
    await deliver(message);
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return withoutNul(text).slice(0, MAX_ERROR_LENGTH);
  }
}

function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}

function checked(message: OutboxMessage): OutboxMessage {
  for (const field of ['topic', 'key'] as const) {
    const value: unknown = message[field];
    // Databases cut texts off at a zero byte or refuse them, and write all halves of surrogate pairs alike.
    if (typeof value === 'string' && value !== '' && !/[\0\p{Surrogate}]/u.test(value)) continue;
    const remedy = 'Give a text without zero bytes; the key names the effect, such as the id of the stage.';
    throw new StageError('STAGE_MESSAGE_INVALID', `message.${field}`, value, remedy, 'is no usable text');
  }
  return message;
}
