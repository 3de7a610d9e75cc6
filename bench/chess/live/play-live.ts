import { bundleWorkflowCode } from '@temporalio/worker';
import { RunaheadClient } from '../../../client/runahead-client';
import { WORKFLOW_INTERCEPTOR_PATH } from '../../../speculation/plugin';
import { bookedBy, booksMatch, untilSettled } from '../../books';
import { startMeteredServer, type MeteredServer } from '../../measure/metered-server';
import { PEER_POLICIES, type ChessPolicy } from '../chess-policy';
import type { GameRun } from '../game-run';
import type { LeaveOneOut } from '../leave-one-out';
import { CHESS_MODEL } from '../model-price';
import type { ChosenPolicy } from '../simulated-policies';
import { costAware } from '../chess-policy';
import { startLane, type LiveGame, type LiveLane } from './lane';
import { chessScript, type LiveScale } from './model-script';

/** A policy on the real server and in the simulator, game by game. */
export interface LivePolicy {
  row: Pick<ChessPolicy, 'label' | 'policy' | 'knew'>;
  games: readonly LiveGame[];
  simulated: readonly GameRun[];
}

/** Dollars of the books and of the meter between workers and model. Exact decimal strings. */
export interface LiveBooks {
  bookedUsd: string;
  invoicedUsd: string;
  match: boolean;
}

export interface LiveOutcome {
  policies: readonly LivePolicy[];
  books: LiveBooks;
}

/** The runtime has a window behind every hit, so those are the forms to compare it with. */
const PUBLISHED = ['sequential', 'SA k=1, window reopened', 'SA k=2, window reopened', 'SA k=3, window reopened'];
/** Policies at the same time: every one plays all games side by side. */
const AT_A_TIME = 2;
const SETTLE_MS = 20_000;
const PATIENT_LESSONS = 3;

/** One policy with the workers that it plays on: one for each game where what it is told differs by game. */
interface Contest {
  row: LivePolicy['row'];
  lanes: { lane: LiveLane; games: number[] }[];
  simulated: readonly GameRun[];
}

/** Plays all games under some policies on a real server with real calls to a local model, `compression` times faster. */
export async function playLive(
  all: LeaveOneOut,
  chosen: readonly ChosenPolicy[],
  scale: LiveScale,
  say: (line: string) => void,
): Promise<LiveOutcome> {
  const lessonTokens =
    all.games[0] === undefined ? 1 : all.taught(all.games[0], LEARNED).profile.cost.expected.outputTokens;
  const script = chessScript(all.games, lessonTokens, scale);
  const server = await startMeteredServer({ script, models: [CHESS_MODEL], say });
  const lanes: LiveLane[] = [];
  try {
    const contests = await startContests(server, all, chosen, scale, lanes);
    const waiting = lanes.filter(({ row }) => row.policy.startsWith('cost-aware'));
    const teachSome = async (): Promise<void> => {
      for (let lane = waiting.pop(); lane !== undefined; lane = waiting.pop()) await lane.teach();
    };
    await Promise.all(Array.from({ length: PATIENT_LESSONS }, teachSome));
    say(`${lanes.length} workers for ${contests.length} policies; one second is ${scale.compression} of the recording`);
    const policies: LivePolicy[] = [];
    for (let first = 0; first < contests.length; first += AT_A_TIME) {
      const some = contests.slice(first, first + AT_A_TIME);
      policies.push(...(await Promise.all(some.map((contest) => playContest(contest, all)))));
      say(`${some.map(({ row }) => row.label).join(' and ')}: played`);
    }
    return { policies, books: await closeBooks(server, lanes) };
  } finally {
    for (const lane of lanes) await lane.stop();
    await server.stop();
  }
}

const LEARNED = { asking: { breadth: 3 }, knowledge: 'exchanges' } as const;

async function startContests(
  server: MeteredServer,
  all: LeaveOneOut,
  chosen: readonly ChosenPolicy[],
  scale: LiveScale,
  lanes: LiveLane[],
): Promise<Contest[]> {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./workflows'),
    workflowInterceptorModules: [WORKFLOW_INTERCEPTOR_PATH],
    logger: SILENT,
  });
  const start = async (row: ChessPolicy, games: number[]): Promise<Contest['lanes'][number]> => {
    const taught = games.flatMap((index) => {
      const game = all.games[index];
      return game === undefined ? [] : [all.taught(game, row)];
    });
    const lane = await startLane(server, workflowBundle, { name: String(lanes.length), row, taught, scale });
    lanes.push(lane);
    return { lane, games };
  };
  const everyGame = all.games.map((_, index) => index);
  const contests: Contest[] = [];
  for (const row of PEER_POLICIES.filter(({ label }) => PUBLISHED.includes(label))) {
    contests.push({ row, lanes: [await start(row, everyGame)], simulated: all.run(row) });
  }
  for (const { row, runs, lambdas } of chosen) {
    const ofGames: Contest['lanes'] = [];
    for (const index of everyGame) ofGames.push(await start(costAware(row.label, lambdas[index] ?? 0), [index]));
    contests.push({ row, lanes: ofGames, simulated: runs });
  }
  return contests;
}

async function playContest({ row, lanes, simulated }: Contest, all: LeaveOneOut): Promise<LivePolicy> {
  const games = await Promise.all(
    lanes.flatMap(({ lane, games: indexes }) =>
      indexes.flatMap((index) => {
        const game = all.games[index];
        return game === undefined ? [] : [lane.play(all.taught(game, lane.row))];
      }),
    ),
  );
  return { row, games, simulated };
}

async function closeBooks(server: MeteredServer, lanes: readonly LiveLane[]): Promise<LiveBooks> {
  const books = new RunaheadClient(server.client);
  const ids = lanes.flatMap(({ workflowIds }) => workflowIds);
  let booked = { costUsd: '0', estimatedUsd: '0' };
  const agrees = async (): Promise<boolean> => {
    booked = await bookedBy(books, ids);
    return booksMatch(booked.costUsd, booked.estimatedUsd, server.meter.totalUsd());
  };
  const match = await untilSettled(server.meter, agrees, SETTLE_MS);
  return { bookedUsd: booked.costUsd, invoicedUsd: server.meter.totalUsd(), match };
}

function nothing(): void {
  // Bundling says a lot that nobody needs here.
}

const SILENT = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
