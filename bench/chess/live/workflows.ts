import { proxyActivities, sleep } from '@temporalio/workflow';
import type { ChessActivities } from './activities';

const { move } = proxyActivities<ChessActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '20 seconds',
  // A kept-alive connection may close just when it is used again.
  retry: { maximumAttempts: 4, initialInterval: '20 milliseconds' },
});

/** A call that was cancelled at the last move has ended and is paid by then, or its bill comes late. */
const ROOM = '1 second';

/** Plays a game: each move needs all before it. */
export async function chessGame(game: string, length: number): Promise<string[]> {
  const moves: string[] = [];
  while (moves.length < length) moves.push(await move({ game, moves: [...moves], length }));
  await sleep(ROOM);
  return moves;
}

/** Lets a worker see how long moves take, all at once. Recorded seconds. */
export async function chessLessons(seconds: readonly number[]): Promise<void> {
  await Promise.all(seconds.map((each) => move({ game: 'lesson', moves: [String(each)], length: 2 })));
}
