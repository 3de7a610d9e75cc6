import type { ReliabilityBin } from '../measure/policy-comparison';
import { distinctMoves } from './learned-guesses';
import type { LeaveOneOut } from './leave-one-out';

/** A probability, and whether it came true. */
export interface Graded {
  probability: number;
  right: boolean;
}

const BINS = 10;

/** What the other games say of each guess of each game, over all recorded steps. */
export function gradedGuesses(all: LeaveOneOut, knowledge: 'rank' | 'exchanges'): Graded[] {
  return all.games.flatMap((game) => {
    const { counts } = all.taught(game, { asking: { breadth: 3 }, knowledge });
    return game.steps.flatMap(({ guesses, move }, step) =>
      distinctMoves(guesses[3].moves).flatMap((guess, rank) => {
        const known = counts[step]?.[rank];
        return known === undefined ? [] : [{ probability: known.hits / known.total, right: guess === move }];
      }),
    );
  });
}

/** What the fast agent says of its guesses. */
export function statedGuesses({ games }: LeaveOneOut): Graded[] {
  return games.flatMap(({ steps }) =>
    steps.flatMap(({ stated, move }) =>
      distinctMoves(stated.moves).map((guess) => ({
        probability: stated.confidences[stated.moves.indexOf(guess)] ?? 0,
        right: guess === move,
      })),
    ),
  );
}

/** Ten bins of equal width; empty ones are left out. */
export function reliabilityBins(graded: readonly Graded[]): ReliabilityBin[] {
  return Array.from({ length: BINS }, (_, bin) => graded.filter((each) => binOf(each) === bin)).flatMap((inBin) => {
    if (inBin.length === 0) return [];
    const predicted = inBin.reduce((sum, { probability }) => sum + probability, 0) / inBin.length;
    const numerator = inBin.filter(({ right }) => right).length;
    return [{ predicted, observed: { numerator, denominator: inBin.length } }];
  });
}

/** Mean distance between what was predicted and what came true, bins weighted by how many guesses are in them. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, { observed }) => sum + observed.denominator, 0);
  return bins.reduce(
    (sum, { predicted, observed: { numerator, denominator } }) =>
      sum + (denominator / total) * Math.abs(predicted - numerator / denominator),
    0,
  );
}

function binOf({ probability }: Graded): number {
  return Math.min(BINS - 1, Math.floor(probability * BINS));
}
