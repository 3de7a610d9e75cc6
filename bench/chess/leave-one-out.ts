import type { ChessPolicy } from './chess-policy';
import type { GameRun } from './game-run';
import type { TaughtGame } from './game-workload';
import { learnGuesses, type LearnedGuesses } from './learned-guesses';
import type { RecordedGame } from './recorded-game';
import { simulateGame } from './simulate-game';
import { trainingProfile, type TrainingProfile } from './training-profile';

/** Games among which each is played with what the others teach. */
export class LeaveOneOut {
  private readonly learned = new Map<string, LearnedGuesses>();
  private readonly profiles = new Map<string, TrainingProfile>();
  private readonly smaller = new Map<RecordedGame, LeaveOneOut>();

  constructor(
    readonly games: readonly RecordedGame[],
    readonly length: number,
  ) {}

  /** Every game under a policy, with what the other games teach. */
  run(row: ChessPolicy): GameRun[] {
    return this.games.map((game) => this.runOne(game, row));
  }

  runOne(game: RecordedGame, row: ChessPolicy): GameRun {
    return simulateGame(this.taught(game, row), row);
  }

  /** @param row says which guesses are asked for, and what tells them apart */
  taught(game: RecordedGame, { asking, knowledge }: Pick<ChessPolicy, 'asking' | 'knowledge'>): TaughtGame {
    const others = this.others(game);
    const key = `${game.id} ${asking.breadth} ${knowledge}`;
    const learned = this.learned.get(key) ?? learnGuesses(others, asking.breadth, knowledge);
    this.learned.set(key, learned);
    const profile = this.profiles.get(game.id) ?? trainingProfile(others);
    this.profiles.set(game.id, profile);
    const another = this.games[(this.games.indexOf(game) + 1) % this.games.length] ?? game;
    return { game, length: this.length, profile, counts: learned(game), another };
  }

  /** The games that teach about this one, as a comparison of their own. */
  without(game: RecordedGame): LeaveOneOut {
    const training = this.smaller.get(game) ?? new LeaveOneOut(this.others(game), this.length);
    this.smaller.set(game, training);
    return training;
  }

  private others(game: RecordedGame): RecordedGame[] {
    return this.games.filter((other) => other !== game);
  }
}
