import type { AgentStep } from '../../activities/agent-step';
import type { DraftGuess } from '../../speculation/forecast/draft-guess';
import { pick } from '../scenarios/seeded-random';
import { randomStream, type Random } from '../simulator/random-stream';
import { stepAfter, standingIn, type Recording } from './recording';
import type { Turn } from '../../activities/agent-step';

/** How often the next call of a tool is the speculator's first guess, and one of its three: 22 to 38 % of the calls (arXiv:2510.04371). */
export const DRAFT_ACCURACY = { first: 0.22, anyOfThree: 0.38 } as const;

/**
 * What a speculator says how sure it is, by tens: how many of its guesses said so and how many of those were right, in the released chess games
 * of Speculative Actions (Apache-2.0). It is far too sure of itself.
 */
const STATED_CONFIDENCE: readonly { said: number; right: number }[] = [
  { said: 137, right: 2 },
  { said: 102, right: 4 },
  { said: 42, right: 2 },
  { said: 57, right: 3 },
  { said: 43, right: 6 },
  { said: 59, right: 4 },
  { said: 85, right: 12 },
  { said: 115, right: 30 },
  { said: 62, right: 31 },
  { said: 45, right: 34 },
];

const TENS = STATED_CONFIDENCE.map((_row, ten) => ten);

/**
 * Three guesses of a cheaper model at the agent's next step, as often right as published. The others are calls that the agents of other
 * conversations made. What the agent says to the user is never guessed, and instead of it there is a call too.
 *
 * @param elsewhere calls of reading tools in conversations about other tasks
 */
export function draftGuesses(
  seed: number,
  recording: Recording,
  transcript: readonly Turn[],
  elsewhere: readonly AgentStep[],
): DraftGuess[] {
  const { round, strayTurns } = standingIn(recording, transcript);
  const random = randomStream(seed, 'guesses', recording.scenarioId, round, strayTurns);
  const step = stepAfter(recording, transcript);
  const rightRank = step.kind === 'call' ? rankOf(random()) : null;
  return [0, 1, 2].map((rank) => {
    const right = rank === rightRank;
    return { value: right ? step : pick(random, elsewhere), confidence: statedConfidence(random, right) };
  });
}

function rankOf(draw: number): number | null {
  const { first, anyOfThree } = DRAFT_ACCURACY;
  if (draw < first) return 0;
  if (draw >= anyOfThree) return null;
  return draw < (first + anyOfThree) / 2 ? 1 : 2;
}

function statedConfidence(random: Random, right: boolean): number {
  const weights = STATED_CONFIDENCE.map((row) => (right ? row.right : row.said - row.right));
  return (pick(random, TENS, weights) + 0.5) / 10;
}
