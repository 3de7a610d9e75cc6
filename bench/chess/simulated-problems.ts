import { percentText } from '../measure/comparison-figures';
import { publishedExtraShare, savedShare } from './game-run';
import type { PlayedPolicy } from './policy-row';
import { fixedBreadth, replayPublished } from './published-replay';
import type { Breadth, RecordedGame } from './recorded-game';
import type { ChosenPolicy } from './simulated-policies';

/**
 * Simulator and replay differ where guesses come later than the answer itself: the replay still waits for them, a running system does not.
 * Such steps are the fast ones of the opening.
 */
const MOST_SAVED_APART = 0.001;
const MOST_TOKENS_APART = 0.005;

/** Where the simulated rows of Speculative Actions are not those of the replay, one line each. */
export function replayProblems(
  games: readonly RecordedGame[],
  length: number,
  peers: readonly PlayedPolicy[],
): string[] {
  return ([1, 2, 3] as const).flatMap((breadth: Breadth) => {
    const label = `Speculative Actions k=${breadth}`;
    const simulated = peers.find(({ row }) => row.label === label);
    if (simulated === undefined) return [`${label} was not simulated`];
    const replayed = games.map((game) => replayPublished(game, length, fixedBreadth(breadth)));
    const meanOf = (of: (each: (typeof replayed)[number]) => number): number =>
      replayed.reduce((sum, each) => sum + of(each), 0) / replayed.length;
    const saved = meanOf(({ seconds, sequentialSeconds }) => 1 - seconds / sequentialSeconds);
    const extra = meanOf(({ extraTokens, sequentialTokens }) => extraTokens / sequentialTokens);
    return [
      ...apart(`${label}: time saved`, savedShare(simulated.runs), saved, MOST_SAVED_APART),
      ...apart(`${label}: extra tokens`, publishedExtraShare(simulated.runs), extra, MOST_TOKENS_APART),
    ];
  });
}

/** Where a setting that the training games have chosen misses its target, one line each. */
export function targetProblems(chosen: readonly ChosenPolicy[]): string[] {
  return chosen.flatMap(({ row, runs, headline: { leastSaved, targetExtra } }) => {
    const saved = savedShare(runs);
    const extra = publishedExtraShare(runs);
    if (saved >= leastSaved && extra <= targetExtra) return [];
    const target = `at least ${percentText(leastSaved)} saved at no more than +${percentText(targetExtra)} tokens`;
    return [`${row.label}: ${percentText(saved)} saved at +${percentText(extra)} tokens, the target is ${target}`];
  });
}

function apart(what: string, simulated: number, replayed: number, most: number): string[] {
  if (Math.abs(simulated - replayed) <= most) return [];
  return [`${what}: ${(100 * simulated).toFixed(2)} % simulated, ${(100 * replayed).toFixed(2)} % replayed`];
}
