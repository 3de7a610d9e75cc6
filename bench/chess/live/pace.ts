import type { Entry } from '../../../speculation/ledger/ledger';
import type { RecordedGame } from '../recorded-game';
import type { LiveGame } from './lane';
import type { LiveScale } from './model-script';

type Pace = Pick<LiveGame, 'seconds' | 'overheadSeconds' | 'startedAtMs'>;

/** When the moves of a game were known, from the books of its pipeline. Recorded seconds. */
export function paceOf(
  game: RecordedGame,
  length: number,
  entries: readonly Readonly<Entry>[],
  startedAtMs: number,
  { compression }: LiveScale,
): Pace {
  const moves = entries
    .filter(({ kind, state, operation }) => operation === 'move' && (kind === 'plain' || state === 'claimed'))
    .map(({ openedAtMs, claimedAtMs, endedAtMs }) => {
      const askedAtMs = claimedAtMs ?? openedAtMs;
      return {
        openedAtMs,
        askedAtMs,
        knownAtMs: Math.max(askedAtMs, endedAtMs ?? askedAtMs),
        claimed: claimedAtMs !== null,
      };
    })
    .sort((left, right) => left.askedAtMs - right.askedAtMs);
  const lastKnownAtMs = Math.max(startedAtMs, ...moves.map(({ knownAtMs }) => knownAtMs));
  // Old entries are dropped from long books.
  const first = length - moves.length;
  const overheads = moves.flatMap(({ openedAtMs, knownAtMs, claimed }, index) => {
    const recorded = game.steps[first + index]?.actor.seconds;
    if (claimed || recorded === undefined) return [];
    const nextAtMs = moves[index + 1]?.askedAtMs ?? knownAtMs;
    return [(Math.max(nextAtMs, knownAtMs) - openedAtMs) / 1000 - recorded / compression];
  });
  const overhead = overheads.reduce((sum, each) => sum + each, 0) / Math.max(1, overheads.length);
  return {
    seconds: ((lastKnownAtMs - startedAtMs) / 1000) * compression,
    overheadSeconds: Math.max(0, overhead) * compression,
    startedAtMs,
  };
}
