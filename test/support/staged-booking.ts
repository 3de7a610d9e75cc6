import { Context } from '@temporalio/activity';
import {
  definePolicy,
  defineStage,
  idempotencyKey,
  type Policy,
  type StagedCall,
  type StageStore,
} from '../../speculation/plugin';
import type { SqliteConnection } from '../../speculation/stages/sqlite-store';
import type { Order } from '../stage-workflows';

export interface BookingEvents {
  /** A preparation is under way; it goes on when this resolves. */
  preparing?: (call: StagedCall, name: string) => Promise<void> | void;
  /** A commit has written what it writes; it goes on when this resolves. */
  committing?: (id: string) => Promise<void> | void;
  discarding?: (id: string) => Promise<void> | void;
}

/** A policy with a guessed check, a staged booking and an idempotent charge; early launches are always worth it. */
export function bookingPolicy(
  store: StageStore<SqliteConnection>,
  events: BookingEvents = {},
  ttlSeconds = 600,
): Policy {
  return definePolicy({
    knob: { alpha: 1, lambdaUsdPerSecond: 10 },
    activities: {
      check: {
        effect: 'none',
        dependency: { type: 'router_k_way', k: 2 },
        forecast: [{ kind: 'function', forecast: ({ guess }: Order) => (guess === '' ? undefined : guess) }],
        cost: { kind: 'fixed', usd: 0.0001 },
        expectedSeconds: 1,
      },
      book: {
        effect: 'staged',
        stage: defineStage({
          store,
          ttlSeconds,
          prepare: async (call, name: string, verdict: string) => {
            await events.preparing?.(call, name);
            return { value: { ticket: `${name}/${verdict}` }, content: { draftOf: idempotencyKey() } };
          },
          commit: async ({ id, value: { ticket }, content: { draftOf } }, { connection, send }) => {
            if (draftOf !== id || idempotencyKey() !== id)
              throw new Error('the key of a commit is not that of its call');
            connection.prepare('INSERT INTO effects (id) VALUES (?)').run([ticket]);
            await send({ topic: 'booked', key: id, body: ticket });
            await events.committing?.(id);
          },
          discard: async ({ id }) => {
            await events.discarding?.(id);
          },
        }),
        cost: { kind: 'fixed', usd: 0.0001 },
        expectedSeconds: 1,
      },
      remember: {
        effect: 'staged',
        stage: defineStage({
          store,
          prepare: async () => ({ value: undefined, content: undefined }),
          commit: async ({ value, content }, { connection }) => {
            connection
              .prepare('INSERT INTO effects (id) VALUES (?)')
              .run([`remembered ${typeof value} ${typeof content}`]);
          },
          discard: async () => undefined,
        }),
        cost: { kind: 'fixed', usd: 0.0001 },
      },
      charge: {
        effect: 'idempotent',
        abandonSafe: true,
        cost: { kind: 'fixed', usd: 0.0001 },
        expectedSeconds: 1,
      },
    },
  });
}

/** Heartbeats until the condition holds, so that a cancellation arrives. */
export async function whileBeating(holds: () => boolean): Promise<void> {
  const context = Context.current();
  while (!holds()) {
    context.heartbeat();
    await context.sleep(10);
  }
}
