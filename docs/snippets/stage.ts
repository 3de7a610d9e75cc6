import { defineStage, PostgresStageStore } from 'runahead';
import { reserveSeat, releaseSeat } from './seats';

const store = new PostgresStageStore({
  name: 'bookings',
  connectionString: process.env['DATABASE_URL'] ?? 'postgres://localhost/bookings',
  // Takes what commits have sent to the outside world, perhaps more than once: under the same key.
  deliver: async ({ key, body }) => {
    const { ok, status } = await fetch('https://mail.example/send', {
      method: 'POST',
      headers: { 'Idempotency-Key': key },
      body: JSON.stringify(body),
    });
    // What is not confirmed is delivered again.
    if (!ok) throw new Error(`The mail server says ${status}`);
  },
});

export const bookFlight = defineStage({
  store,
  prepare: async ({ id }, flight: string, traveller: string) => {
    // Named by the id, so that it is the same seat when this runs again after a crash.
    const seat = await reserveSeat(id, flight);
    return { value: { flight, seat }, content: { traveller } };
  },
  commit: async ({ id, value, content }, { connection, send }) => {
    // In the transaction that marks the stage as committed: exactly once.
    const row = [id, value.flight, value.seat, content.traveller];
    await connection.query('INSERT INTO bookings (id, flight, seat, traveller) VALUES ($1, $2, $3, $4)', row);
    // Leaves the database: at least once, under the same key.
    await send({ topic: 'mail', key: id, body: { to: content.traveller, text: `Seat ${value.seat} is yours.` } });
  },
  discard: async ({ id }) => {
    await releaseSeat(id);
  },
  ttlSeconds: 900,
});
