import type { ChessPolicy } from './chess-policy';
import { publishedExtraShare, type GameRun } from './game-run';
import type { LeaveOneOut } from './leave-one-out';

/** Values of a second that are tried, US dollars, ascending: 16 from 0.001 to 0.032, in equal ratios. */
export const LAMBDAS: readonly number[] = Array.from({ length: 16 }, (_, step) => 0.001 * 32 ** (step / 15));

/** Which policy is chosen by its value of a second. */
export type PolicyAt = (lambdaUsdPerSecond: number) => ChessPolicy;

/**
 * The highest value of a second at which the games other than `game` spend no more than `mostExtra` (a share of the sequential tokens, by
 * the account of the paper): more is spent and more is saved the more a second is worth. Each of those games is played with what the
 * remaining ones teach, so nothing of `game` is in it, and nothing of a game in its own probabilities.
 *
 * @returns the lowest value that is tried if all spend more
 */
export function chooseLambda(training: LeaveOneOut, policyAt: PolicyAt, mostExtra: number): number {
  const affordable = (lambda: number): boolean => publishedExtraShare(training.run(policyAt(lambda))) <= mostExtra;
  let low = 0;
  let high = LAMBDAS.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (affordable(LAMBDAS[middle] ?? 0)) low = middle;
    else high = middle;
  }
  return LAMBDAS[low] ?? 0;
}

/** Each game at the setting that the other games have chosen for it. */
export function runChosen(
  all: LeaveOneOut,
  policyAt: PolicyAt,
  mostExtra: number,
): { runs: GameRun[]; lambdas: number[] } {
  const lambdas = all.games.map((game) => chooseLambda(all.without(game), policyAt, mostExtra));
  const runs = all.games.map((game, index) => all.runOne(game, policyAt(lambdas[index] ?? 0)));
  return { runs, lambdas };
}
