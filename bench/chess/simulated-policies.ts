import { PEER_POLICIES, costAware, type ChessPolicy } from './chess-policy';
import { LAMBDAS, runChosen } from './choose-setting';
import type { GameRun } from './game-run';
import type { LeaveOneOut } from './leave-one-out';
import type { PlayedPolicy } from './policy-row';

/** A setting of the dial that the training games choose, and what it has to reach on the game that was left out. */
export interface Headline {
  label: string;
  /** Most extra tokens on the training games. Five points below the target: they are not the game that is played. */
  mostExtra: number;
  leastSaved: number;
  targetExtra: number;
}

export const HEADLINES: readonly Headline[] = [
  { label: 'Runahead, thrifty', mostExtra: 0.8, leastSaved: 0.15, targetExtra: 0.85 },
  { label: 'Runahead, fast', mostExtra: 1.2, leastSaved: 0.195, targetExtra: 1.25 },
];

/** A policy of this project, played at what the training games have chosen. */
export interface ChosenPolicy extends PlayedPolicy {
  headline: Headline;
  /** Value of a second by game. */
  lambdas: readonly number[];
}

export interface Dial {
  lambdaUsdPerSecond: number;
  runs: readonly GameRun[];
}

export function playPeers(all: LeaveOneOut): { row: ChessPolicy; runs: GameRun[] }[] {
  return PEER_POLICIES.map((row) => ({ row, runs: all.run(row) }));
}

/** @param knowledge @default all that is learned; by rank alone for comparison */
export function playChosen(
  all: LeaveOneOut,
  headline: Headline,
  knowledge: ChessPolicy['knowledge'] = 'exchanges',
): ChosenPolicy {
  const label = knowledge === 'rank' ? `${headline.label}, places in the list only` : headline.label;
  const { runs, lambdas } = runChosen(all, (lambda) => costAware(label, lambda, knowledge), headline.mostExtra);
  const { policy, knew } = costAware(label, lambdas[0] ?? 0, knowledge);
  const chosen = lambdas.map((lambda) => lambda.toPrecision(2)).join(', ');
  const knewAll = `${knew.replace(/ a second is worth .*$/, '')} what a second is worth was chosen on those, for at most +${100 * headline.mostExtra} % tokens there: ${chosen} dollars by game`;
  return { headline, lambdas, runs, row: { label, policy, knew: knewAll } };
}

/** The dial swept on the evaluated games: a curve, from which nothing is chosen. */
export function sweepDial(all: LeaveOneOut): Dial[] {
  return LAMBDAS.map((lambdaUsdPerSecond) => ({
    lambdaUsdPerSecond,
    runs: all.run(costAware('dial', lambdaUsdPerSecond)),
  }));
}
