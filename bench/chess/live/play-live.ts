import { bundleWorkflowCode } from '@temporalio/worker';
import { RunaheadClient } from '../../../client/runahead-client';
import { WORKFLOW_INTERCEPTOR_PATH } from '../../../speculation/plugin';
import { bookedBy, booksMatch, untilSettled } from '../../books';
import { startMeteredServer, type MeteredServer } from '../../measure/metered-server';
import { costAware, PEER_POLICIES, type ChessPolicy } from '../chess-policy';
import type { GameRun } from '../game-run';
import type { TaughtGame } from '../game-workload';
import type { LeaveOneOut } from '../leave-one-out';
import { CHESS_MODEL } from '../model-price';
import type { RecordedCall, RecordedGame } from '../recorded-game';
import { simulateGame } from '../simulate-game';
import type { ChosenPolicy } from '../simulated-policies';
import { startLane, type LiveGame, type LiveLane } from './lane';
import { chessScript, type LiveScale } from './model-script';

/** A policy on the real server and in the simulator, game by game. */
export interface LivePolicy {
  row: Pick<ChessPolicy, 'label' | 'policy' | 'knew'>;
  games: readonly LiveGame[];
  simulated: readonly GameRun[];
  /** The same with what calls took longer on this machine: `overheadSeconds` of each game. */
  simulatedHere: readonly GameRun[];
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

const PUBLISHED = ['sequential', ...[1, 2, 3].map((k) => `Speculative Actions k=${k}`)];
/** Games at the same time. All policies play a game at once, so that the machine is as busy for each. */
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
    const played = new Map<Contest, PlayedGame[]>(contests.map((contest) => [contest, []]));
    for (let first = 0; first < all.games.length; first += AT_A_TIME) {
      const some = all.games.slice(first, first + AT_A_TIME);
      const turns = some.flatMap((game) => contests.map((contest) => ({ game, contest })));
      const ended = await Promise.all(turns.map(({ game, contest }) => playGame(contest, all, game)));
      for (const [index, { contest }] of turns.entries()) played.get(contest)?.push(...(ended[index] ?? []));
      say(`${first + some.length} of ${all.games.length} games are played under all policies`);
    }
    const policies = [...played].map(([{ row, simulated }, games]) => ({
      row,
      games: games.map(({ live }) => live),
      simulated,
      simulatedHere: games.map(({ here }) => here),
    }));
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

interface PlayedGame {
  live: LiveGame;
  here: GameRun;
}

async function playGame({ lanes }: Contest, all: LeaveOneOut, game: RecordedGame): Promise<PlayedGame[]> {
  const found = lanes.find(({ games }) => games.includes(all.games.indexOf(game)));
  if (found === undefined) return [];
  const { lane } = found;
  const taught = all.taught(game, lane.row);
  const live = await lane.play(taught);
  return [{ live, here: simulateGame(slowed(taught, live), lane.row) }];
}

/** The game with every call as much slower as calls were. */
function slowed(taught: TaughtGame, { overheadSeconds }: LiveGame): TaughtGame {
  const slower = <Call extends RecordedCall>(call: Call): Call => ({
    ...call,
    seconds: call.seconds + overheadSeconds,
  });
  const steps = taught.game.steps.map((step) => ({
    ...step,
    actor: slower(step.actor),
    guesses: { 1: slower(step.guesses[1]), 2: slower(step.guesses[2]), 3: slower(step.guesses[3]) },
  }));
  return { ...taught, game: { ...taught.game, steps } };
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
