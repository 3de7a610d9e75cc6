import { Client } from '@temporalio/client';
import { DefaultLogger, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { RunaheadClient } from '../../../client/runahead-client';
import type { Entry, LedgerTotals } from '../../../speculation/ledger/ledger';
import { RunaheadPlugin } from '../../../speculation/plugin';
import type { LoggedDecision } from '../../../speculation/runtime/decision-log';
import type { MeteredServer } from '../../measure/metered-server';
import type { ChessPolicy } from '../chess-policy';
import type { TaughtGame } from '../game-workload';
import { chessActivities } from './activities';
import type { LiveScale } from './model-script';
import { paceOf } from './pace';
import { livePolicy } from './policy';

/** One game under one policy on the real server. Seconds are those of the recording. */
export interface LiveGame {
  game: string;
  workflowId: string;
  /** Until the last move was known. */
  seconds: number;
  /** What a call took beyond what was recorded, with the way to the next one: server, workers and model on a busy machine. Mean. */
  overheadSeconds: number;
  startedAtMs: number;
  moves: readonly string[];
  totals: LedgerTotals;
  entries: readonly Readonly<Entry>[];
  decisions: readonly LoggedDecision[];
}

/** A worker under one policy; some games are played on it, and all of them know the same. */
export interface LiveLane {
  row: ChessPolicy;
  /** All pipelines so far. */
  workflowIds: readonly string[];
  /** Shows the worker how long calls take in the games that teach. */
  teach: () => Promise<void>;
  play: (taught: TaughtGame) => Promise<LiveGame>;
  stop: () => Promise<void>;
}

/** How often each of the equally likely durations is shown: enough that what is seen later changes little. */
const LESSONS_A_POINT = 5;

/** @param taught the games that are played here, with what others teach about them; what is said of calls is that of the first */
export async function startLane(
  server: MeteredServer,
  workflowBundle: WorkflowBundleWithSourceMap,
  { name, row, taught, scale }: { name: string; row: ChessPolicy; taught: readonly TaughtGame[]; scale: LiveScale },
): Promise<LiveLane> {
  const [first] = taught;
  if (first === undefined) throw new RangeError('a lane needs a game');
  const { profile } = first;
  // Each learns for itself, from what its own worker sees.
  const plugin = new RunaheadPlugin({
    policy: livePolicy(row, profile, scale),
    hostControl: false,
    logger: new DefaultLogger('ERROR'),
  });
  const taskQueue = `chess-${name}`;
  const { namespace, nativeConnection: connection, client: plain, model } = server;
  const counts = new Map(taught.map((each) => [each.game.id, each.counts]));
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle,
    activities: { ...chessActivities(model, row.asking.breadth, counts) },
    plugins: [plugin],
  });
  const finished = worker.run();
  finished.catch(() => undefined);
  const client = new Client({ connection: plain.connection, namespace, plugins: [plugin] });
  const books = new RunaheadClient(plain);
  const workflowIds: string[] = [];
  return {
    row,
    workflowIds,
    teach: async () => {
      const workflowId = `${taskQueue}-lessons`;
      workflowIds.push(workflowId);
      const seconds = profile.latencySeconds.flatMap((point) => new Array<number>(LESSONS_A_POINT).fill(point));
      await client.workflow.execute('chessLessons', { taskQueue, workflowId, args: [seconds] });
    },
    play: async ({ game, length }) => {
      const workflowId = `${taskQueue}-${game.id}`;
      workflowIds.push(workflowId);
      const handle = await client.workflow.start('chessGame', { taskQueue, workflowId, args: [game.id, length] });
      const moves = (await handle.result()) as string[];
      const { startTime } = await handle.describe();
      const [ledger, decisions] = await Promise.all([books.ledger(workflowId), books.decisions(workflowId)]);
      return {
        game: game.id,
        workflowId,
        ...paceOf(game, length, ledger.entries, startTime.getTime(), scale),
        moves,
        ...ledger,
        decisions,
      };
    },
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}
