import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import type { OperationInput } from '../../speculation/plugin/operation-policy';
import { defineStage } from '../../speculation/stages/stage-definition';
import { SqliteStageStore, type SqliteConnection } from '../../speculation/stages/sqlite-store';
import type { Mark } from './chaos-activities';
import type { EffectArguments } from './chaos-input';
import type { CommittedSeat } from './check-effects';
import { receiptOf } from './receipt';

/** Where seats are held, and where those that are taken can be seen. */
export interface SeatWorld {
  databaseFile: string;
  holdsFolder: string;
}

/** What became of the stages. */
export interface SeatEvidence {
  seats: CommittedSeat[];
  stages: { id: string; workflowId: string; state: string }[];
  /** Ids of stages whose hold was never given back. */
  holds: string[];
}

// Without a key: a seat that is taken twice must be seen twice.
const TABLE = 'CREATE TABLE IF NOT EXISTS seats (stage_id TEXT, workflow_id TEXT, arguments TEXT)';

/** The staged operation: a seat is held by a file while nobody has claimed it, and taken by a row in the commit's own transaction. */
export function seatOperation({ databaseFile, holdsFolder }: SeatWorld, mark: Mark): OperationInput {
  const holdOf = (id: string): string => join(holdsFolder, id);
  return {
    effect: 'staged',
    cost: { kind: 'fixed', usd: 0 },
    expectedSeconds: 0.1,
    stage: defineStage<[EffectArguments], string, EffectArguments, SqliteConnection>({
      store: new SqliteStageStore({ name: 'seats', file: databaseFile }),
      prepare: async ({ id }, args) => {
        mark('preparing', args.run);
        await mkdir(holdsFolder, { recursive: true });
        await writeFile(holdOf(id), JSON.stringify(args));
        await Context.current().sleep(30);
        mark('prepared', args.run);
        return { value: receiptOf('reserveSeat', args), content: args };
      },
      commit: async ({ id, workflowId, content }, { connection }) => {
        connection.exec(TABLE);
        connection
          .prepare('INSERT INTO seats (stage_id, workflow_id, arguments) VALUES (?, ?, ?)')
          .run(id, workflowId, JSON.stringify(content));
        mark('committed', content.run);
        await rm(holdOf(id), { force: true });
      },
      discard: async ({ id }) => {
        await rm(holdOf(id), { force: true });
      },
    }),
  };
}

/** Reads the world as somebody who does not know of stages would. */
export async function readSeats({ databaseFile, holdsFolder }: SeatWorld): Promise<SeatEvidence> {
  const { default: Database } = await import('libsql');
  const database = new Database(databaseFile);
  try {
    database.exec(TABLE);
    const seats = database.prepare('SELECT * FROM seats').all() as {
      stage_id: string;
      workflow_id: string;
      arguments: string;
    }[];
    const stages = database.prepare('SELECT id, workflow_id, state FROM runahead_stages').all() as {
      id: string;
      workflow_id: string;
      state: string;
    }[];
    return {
      seats: seats.map((seat) => ({
        operation: 'reserveSeat',
        args: JSON.parse(seat.arguments) as EffectArguments,
        workflowId: seat.workflow_id,
        stageId: seat.stage_id,
      })),
      stages: stages.map(({ id, workflow_id: workflowId, state }) => ({ id, workflowId, state })),
      holds: await readdir(holdsFolder).catch(() => []),
    };
  } finally {
    database.close();
  }
}
