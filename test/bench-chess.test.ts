import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { notReproduced, reproducePublished } from '../bench/chess/published-figures';
import { fixedBreadth, replayPublished } from '../bench/chess/published-replay';
import { InvalidStepsError, readSteps, recordedGames } from '../bench/chess/read-steps';
import type { RecordedGame, RecordedStep } from '../bench/chess/recorded-game';

const games = recordedGames();
const text = readFileSync(join(__dirname, '..', 'bench', 'chess', 'steps.csv'), 'utf8');

/** The recording with one cell of the second row changed, or one name of the header. */
function changed(column: string, value: string): string {
  const [header = '', ...rows] = text.split('\n');
  const cells = rows[1]?.split(',') ?? [];
  cells[header.split(',').indexOf(column)] = value;
  return [header, rows[0], cells.join(','), ...rows.slice(2)].join('\n');
}

describe('recorded steps', () => {
  it('are five games of fifty moves each', () => {
    expect(games.map(({ steps }) => steps.length)).toEqual([50, 50, 50, 50, 50]);
    expect(games[0]?.steps[0]).toMatchObject({ move: 'e2e4', actor: { seconds: 2.82725, totalTokens: 427 } });
  });

  it.each([
    ['a missing column', text.replace(',move,', ',moved,'), /line 1: there is no column "moved"/],
    ['a column that is left out', text.replace(/^game,/, '').replace(/^[0-9a-f]{8},/gm, ''), /line 1: the column game/],
    ['an unknown unit', text.replace('actor_s', 'actor_ms'), /line 1: column actor_ms has the unknown unit "ms"/],
    ['a negative latency', changed('k2_s', '-3.5'), /line 3: k2_s is "-3.5": it is negative/],
    ['a latency that is no number', changed('actor_s', 'soon'), /line 3: actor_s is "soon": it is no number/],
    ['half a token', changed('actor_out', '3.5'), /line 3: actor_out is "3.5"/],
    ['a move that is none', changed('k3_guesses', 'e7e5 castles'), /line 3: k3_guesses is "e7e5 castles"/],
    ['more than sure', changed('conf_scores', '85.0 175.0 65.0'), /line 3: conf_scores .* outside of 0 to 100/],
    ['confidences without guesses', changed('conf_scores', '85.0'), /line 3: conf_scores has 1 values for 3/],
    ['a step that is missing', changed('step', '4'), /line 3: step is 4; step 1 of game 32831f2d comes next/],
    ['a row that is cut off', `${text.trimEnd()}\n32831f2d,50`, /line 252/],
    ['an empty file', 'game', /line 1: the column/],
  ])('are refused with line and field for %s', (_what, csv, message) => {
    expect(() => readSteps(csv)).toThrow(InvalidStepsError);
    expect(() => readSteps(csv)).toThrow(message);
  });
});

describe('the replay of Speculative Actions', () => {
  it('gives every published figure, to its last digit', () => {
    const rows = reproducePublished(games);
    expect(notReproduced(rows)).toEqual([]);
    const of30 = rows.filter(({ length, policy }) => length === 30 && policy.startsWith('speculative-actions'));
    expect(of30.map(({ saved }) => saved.replayed.toFixed(2))).toEqual(['11.80', '14.99', '19.54']);
    expect(of30.map(({ extraTokens }) => extraTokens.replayed.toFixed(1))).toEqual(['85.4', '145.0', '189.2']);
  });

  it('is seen to differ when one latency of one step differs', () => {
    const slower = games.map((game): RecordedGame => ({
      ...game,
      steps: game.steps.map((step) =>
        step.game === games[0]?.id && step.step === 7
          ? { ...step, actor: { ...step.actor, seconds: step.actor.seconds + 300 } }
          : step,
      ),
    }));
    expect(notReproduced(reproducePublished(slower)).length).toBeGreaterThan(0);
  });

  it('closes the window for one step after a hit', () => {
    const [first] = games[0]?.steps ?? [];
    const guess = { moves: ['e2e4'], seconds: 1, inputTokens: 1, outputTokens: 1, totalTokens: 2 };
    const steps = [0, 1, 2].map((step) => ({
      ...(first as RecordedStep),
      step,
      actor: { seconds: 10, inputTokens: 5, outputTokens: 5, totalTokens: 10 },
      move: 'e2e4',
      guesses: { 1: guess, 2: guess, 3: guess },
    }));
    const replayed = replayPublished({ id: 'all hits', steps }, 3, fixedBreadth(1));
    // Two steps in max(10, 1 + 10), then one by itself; the branch costs guess and call, the last window one call.
    expect(replayed).toMatchObject({ seconds: 21, windows: 1, hits: 1, extraTokens: 2 + 10 + 10 });
  });
});
