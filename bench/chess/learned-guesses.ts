import { fitChoices, type Choice } from './conditional-logit';
import { guessFeatures, positionsOf } from './guess-features';
import type { Breadth, RecordedGame } from './recorded-game';

/** How often a guess like this one was right in other games: what a drafter can say of its guesses. Not whole numbers. */
export interface GuessCounts {
  hits: number;
  total: number;
}

/**
 * What tells guesses apart. `rank`: their place in the list, so each place has a Beta-Binomial posterior. `exchanges`: a conditional logit on
 * the place and on what a move takes and exposes by the rules of chess; it costs nothing and asks nobody.
 */
export type GuessKnowledge = 'rank' | 'exchanges';

/** What some games teach about the guesses of another one, by step, in the order of `distinctMoves`. */
export type LearnedGuesses = (game: RecordedGame) => readonly (readonly GuessCounts[])[];

/** The guesses of a list, each once, best first: two equal ones are one and the same launch. */
export function distinctMoves(moves: readonly string[]): string[] {
  return [...new Set(moves)];
}

/**
 * Learns how likely guesses are right from games, for other games. What is learned of a guess is known before its outcome: it depends on the
 * moves played so far and on the guesses alone.
 *
 * @param breadth which of the recorded lists
 */
export function learnGuesses(
  training: readonly RecordedGame[],
  breadth: Breadth,
  knowledge: GuessKnowledge,
): LearnedGuesses {
  const choices = training.flatMap((game) => choicesOf(game, breadth));
  const total = choices.length;
  if (knowledge === 'rank') {
    const hits = Array.from({ length: breadth }, (_, rank) => choices.filter(({ right }) => right === rank).length);
    return ({ steps }) =>
      steps.map(({ guesses }) =>
        distinctMoves(guesses[breadth].moves).map((_, rank) => ({ hits: hits[rank] ?? 0, total })),
      );
  }
  const model = fitChoices(choices);
  return (game) =>
    featuresOf(game, breadth).map((features) =>
      model(features).map((probability) => ({ hits: Math.round(1000 * probability * total) / 1000, total })),
    );
}

function choicesOf(game: RecordedGame, breadth: Breadth): Choice[] {
  const features = featuresOf(game, breadth);
  return game.steps.map(({ guesses, move }, step) => {
    const right = distinctMoves(guesses[breadth].moves).indexOf(move);
    return { features: features[step] ?? [], right: right < 0 ? null : right };
  });
}

const known = new WeakMap<RecordedGame, Map<Breadth, number[][][]>>();

/** Every fold needs them. */
function featuresOf(game: RecordedGame, breadth: Breadth): number[][][] {
  const byBreadth = known.get(game) ?? new Map<Breadth, number[][][]>();
  known.set(game, byBreadth);
  const found = byBreadth.get(breadth);
  if (found !== undefined) return found;
  const positions = positionsOf(game);
  const features = game.steps.flatMap(({ guesses }, step) => {
    const position = positions[step];
    return position === undefined ? [] : [guessFeatures(position, distinctMoves(guesses[breadth].moves))];
  });
  byBreadth.set(breadth, features);
  return features;
}
