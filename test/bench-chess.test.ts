import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PEER_POLICIES, costAware } from '../bench/chess/chess-policy';
import { fitChoices } from '../bench/chess/conditional-logit';
import { runChosen } from '../bench/chess/choose-setting';
import { publishedExtraShare, savedShare } from '../bench/chess/game-run';
import { tokenPieces } from '../activities/count-tokens';
import { promptOf, type Operation } from '../bench/chess/live/live-request';
import { chessScript } from '../bench/chess/live/model-script';
import { paceOf } from '../bench/chess/live/pace';
import { newEntry, type Entry } from '../speculation/ledger/entry';
import { readGuesses } from '../speculation/forecast/draft-guess';
import { positionsOf } from '../bench/chess/guess-features';
import { LeaveOneOut } from '../bench/chess/leave-one-out';
import { Position } from '../bench/chess/position';
import { exchangesOf } from '../bench/chess/exchange';
import { simulateGame } from '../bench/chess/simulate-game';
import { replayProblems, targetProblems } from '../bench/chess/simulated-problems';
import { HEADLINES } from '../bench/chess/simulated-policies';
import { played, uciMove } from '../bench/chess/uci-move';
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

describe('positions', () => {
  it('allow every move that was played, by the rules alone', () => {
    for (const game of games) {
      for (const [step, position] of positionsOf(game).entries()) {
        const { from, to } = uciMove(game.steps[step]?.move ?? '');
        expect(position.legalMoves()).toContainEqual({ from, to });
      }
    }
  });

  it('have as many moves as are known from counting', () => {
    const count = (position: Position, depth: number): number =>
      depth === 0 ? 1 : position.legalMoves().reduce((sum, move) => sum + count(position.after(move), depth - 1), 0);
    expect(count(Position.start(), 3)).toBe(8902);
    // A castled king, a pawn that passes and is taken, a pin: by hand.
    const after = (moves: string): Position => moves.split(' ').reduce(played, Position.start());
    expect(after('e2e4 a7a6 e4e5 d7d5').captured(uciMove('e5d6'))).toBe('p');
    expect(after('e2e4 a7a6 e4e5 d7d5').legalMoves()).toContainEqual({ from: 36, to: 43 });
    expect(after('e2e4 e7e5 g1f3 b8c6 f1c4 a7a6').legalMoves()).toContainEqual({ from: 4, to: 6 });
    expect(after('e2e4 d7d6 a2a3 c8d7 f1b5').legalMoves()).toContainEqual({ from: 51, to: 33 });
    expect(after('d2d4 e7e6 a2a3 f8b4').legalMoves()).not.toContainEqual({ from: 12, to: 28 });
  });

  it('say what a move takes and leaves to be taken', () => {
    const after = (moves: string): Position => moves.split(' ').reduce(played, Position.start());
    const contested = after('e2e4 d7d5');
    // Pawn takes pawn and is taken by the queen, who is then not taken: even on the square.
    expect(exchangesOf(contested, uciMove('e4d5'))).toEqual({ onItsSquare: 0, anywhere: 0 });
    // Anything else leaves the pawn on e4 to be taken for nothing.
    expect(exchangesOf(contested, uciMove('a2a3'))).toEqual({ onItsSquare: 0, anywhere: -1 });
    expect(exchangesOf(after('e2e4 a7a6'), uciMove('f1a6')).onItsSquare).toBe(1 - 3);
  });
});

describe('guesses of a drafter', () => {
  it('may say how often such guesses were right, as far as that can be', () => {
    const counts = { hits: 12.5, total: 200 };
    expect(readGuesses([{ value: 'e2e4', counts }])).toEqual([{ value: 'e2e4', counts }]);
    for (const bad of [
      { hits: 3, total: 2 },
      { hits: -1, total: 2 },
      { hits: 1 },
      { hits: 1, total: Infinity },
      'often',
    ]) {
      expect(readGuesses([{ value: 'e2e4', counts: bad }])).toEqual([{ value: 'e2e4' }]);
    }
  });
});

describe('the choice model', () => {
  it('finds the weights that made the choices, and knows that none may be right', () => {
    // Feature 1 with probability 3/6, feature 0 with 1/6, none of them with 2/6.
    const features = [[1], [0]];
    const choices = [0, 0, 0, 1, null, null].flatMap((right) =>
      Array.from({ length: 200 }, () => ({ features, right })),
    );
    const [first = 0, second = 0] = fitChoices(choices, 1e-6)(features);
    expect(first).toBeCloseTo(3 / 6, 4);
    expect(second).toBeCloseTo(1 / 6, 4);
  });
});

describe('policies in the simulator', () => {
  const all = new LeaveOneOut(games, 30);

  it('save and cost what the replay says, where the replay has them', () => {
    const published = PEER_POLICIES.filter(({ label }) => label.startsWith('Speculative Actions'));
    expect(published).toHaveLength(3);
    const peers = published.map((row) => ({ row, runs: all.run(row) }));
    expect(replayProblems(games, 30, peers)).toEqual([]);
    const closedAsOpen = peers.map(({ row, runs }) => ({
      row,
      runs: runs.map((run) => ({ ...run, seconds: 0.99 * run.seconds })),
    }));
    expect(replayProblems(games, 30, closedAsOpen)).toHaveLength(3);
  });

  it('change nothing when nothing is launched, and the oracle wastes no launch', () => {
    for (const row of PEER_POLICIES) {
      const [run] = all.run(row);
      if (row.policy === 'sequential' || row.policy === 'parallel-only' || row.policy === 'count-threshold') {
        expect(run?.seconds).toBeCloseTo(run?.sequentialSeconds ?? 0, 6);
        expect(run).toMatchObject({ publishedExtraTokens: 0, billedExtraTokens: 0, wasteUsd: 0 });
      }
      if (row.policy === 'oracle') expect(run?.claimed.numerator).toBe(run?.claimed.denominator);
    }
  });

  it('use a window after a hit where they may, which the published form does not', () => {
    const windows = (label: string): number =>
      all
        .run(PEER_POLICIES.find((row) => row.label === label) ?? costAware('none', 0))
        .reduce((sum, { hits }) => sum + hits.denominator, 0);
    // A launch upon a launch is held, and asked about again when the one below it is claimed.
    expect(windows('SA k=1, window reopened')).toBeGreaterThan(windows('Speculative Actions k=1') + 20);
  });

  it('count every call that was paid', () => {
    const [run] = all.run(costAware('test', 0.005));
    const paid = run?.bars.filter(({ kind }) => kind === 'plain' || kind === 'claimed');
    expect(paid).toHaveLength(30);
    expect(run?.stepSeconds.reduce((sum, each) => sum + each, 0)).toBeCloseTo(run?.seconds ?? 0, 6);
    expect(run?.usd).toBeGreaterThan(run?.wasteUsd ?? Infinity);
  });

  it('of this project reach their targets at settings that the other games have chosen', () => {
    const [thrifty] = HEADLINES.map((headline) => {
      const { runs, lambdas } = runChosen(all, (lambda) => costAware('test', lambda), headline.mostExtra);
      return { headline, runs, lambdas, row: { label: headline.label, policy: 'cost-aware', knew: '' } };
    });
    if (thrifty === undefined) throw new Error('there are two settings');
    expect(targetProblems([thrifty])).toEqual([]);
    expect(savedShare(thrifty.runs)).toBeGreaterThan(0.15);
    expect(publishedExtraShare(thrifty.runs)).toBeLessThan(0.85);
    const dearer = thrifty.runs.map((run) => ({ ...run, publishedExtraTokens: 2 * run.publishedExtraTokens }));
    expect(targetProblems([{ ...thrifty, runs: dearer }])).toHaveLength(1);
  });
});

describe('leaving one game out', () => {
  const length = 14;
  const [left = games[0] as RecordedGame, ...others] = games;

  /** What is decided about each guess, before anything of its step is known. */
  function decisionsOf(all: LeaveOneOut, game: RecordedGame): string[] {
    const decisions: string[] = [];
    const row = costAware('test', 0.005);
    simulateGame(all.taught(game, row), row, ({ decision, P, depth }) => {
      decisions.push(`${depth} ${P.toFixed(12)} ${decision}`);
    });
    return decisions;
  }

  it('learns nothing from the outcomes of the game that is left out', () => {
    const knowledge = { asking: { breadth: 3 as const }, knowledge: 'exchanges' as const };
    const before = new LeaveOneOut(games, length).taught(left, knowledge);
    // A planted leak would show: all its durations and tokens are others, and its guesses come at once.
    const planted: RecordedGame = {
      ...left,
      steps: left.steps.map((step) => ({
        ...step,
        actor: { seconds: 1, inputTokens: 1, outputTokens: 1, totalTokens: 2 },
        guesses: { ...step.guesses, 3: { ...step.guesses[3], seconds: 1 } },
      })),
    };
    const after = new LeaveOneOut([planted, ...others], length).taught(planted, knowledge);
    expect(after.counts).toEqual(before.counts);
    expect(after.profile).toEqual(before.profile);
    // What the others teach does reach it.
    const fewer = new LeaveOneOut([left, ...others.slice(1)], length).taught(left, knowledge);
    expect(fewer.counts).not.toEqual(before.counts);
    expect(fewer.profile).not.toEqual(before.profile);
  });

  it('decides about a step the same, whatever its outcome and everything after it', () => {
    const at = 9;
    const all = new LeaveOneOut(games, at + 2);
    const before = decisionsOf(all, left);
    // The last window ends differently: what was a hit is a miss, or the other way round.
    const step = left.steps[at] as RecordedStep;
    const { moves } = step.guesses[3];
    const hit = moves.includes(step.move);
    const legal = positionsOf(left)[at]?.legalMoves() ?? [];
    const missed = legal.find(
      ({ from, to }) => !moves.some((guess) => uciMove(guess).from === from && uciMove(guess).to === to),
    );
    const square = (each: number): string => `${'abcdefgh'.charAt(each % 8)}${1 + Math.floor(each / 8)}`;
    const other = hit ? `${square(missed?.from ?? 0)}${square(missed?.to ?? 0)}` : (moves[0] ?? '');
    const changedGame: RecordedGame = {
      ...left,
      steps: left.steps.map((each, index) => (index === at ? { ...each, move: other } : each)),
    };
    const withChanged = new LeaveOneOut([changedGame, ...others], at + 2);
    expect(decisionsOf(withChanged, changedGame).slice(0, before.length)).toEqual(
      before.slice(0, decisionsOf(withChanged, changedGame).length),
    );
    expect(before.length).toBeGreaterThan(10);
  });

  it('chooses the setting without the game that is played at it', () => {
    const all = new LeaveOneOut(games, length);
    expect(all.without(left).games).toEqual(others);
    const { lambdas } = runChosen(all, (lambda) => costAware('test', lambda), 0.8);
    const dear: RecordedGame = {
      ...left,
      steps: left.steps.map((step) => ({ ...step, actor: { ...step.actor, seconds: 10 * step.actor.seconds } })),
    };
    const changed = runChosen(new LeaveOneOut([dear, ...others], length), (lambda) => costAware('test', lambda), 0.8);
    expect(changed.lambdas[0]).toBe(lambdas[0]);
  });
});

describe('the games on a real server', () => {
  const [game = games[0] as RecordedGame] = games;
  const scale = { compression: 100, fewerTokens: 200 };
  const script = chessScript(games, 11_000, scale);
  const say = (operation: Operation, moves: readonly string[]): ReturnType<typeof script> =>
    script({
      messages: [{ role: 'user', content: promptOf(operation, { game: game.id, moves, length: 30 }) }],
    } as never);
  const line = game.steps.slice(0, 8).map(({ move }) => move);

  it('are answered as recorded, in as much less time and as many fewer tokens', () => {
    const { text = '', ttftMs = 0, tokensPerSecond = 0 } = say('move', line);
    const step = game.steps[8] as RecordedStep;
    expect(text.split(' ').at(-1)).toBe(step.move);
    const tokens = tokenPieces(text).length;
    expect(ttftMs / 1000 + tokens / tokensPerSecond).toBeCloseTo(step.actor.seconds / scale.compression, 6);
    expect(Math.abs(tokens - step.actor.outputTokens / scale.fewerTokens)).toBeLessThan(4);
    expect(say('guess3', line).text?.split(' ').slice(-3)).toEqual(step.guesses[3].moves);
  });

  it('take as long on a line that was not played as the step beside it', () => {
    const astray = say('move', [...line.slice(0, -1), 'h2h3']);
    const seconds = (astray.ttftMs ?? 0) / 1000 + tokenPieces(astray.text ?? '').length / (astray.tokensPerSecond ?? 1);
    expect(seconds).toBeCloseTo((game.steps[7] as RecordedStep).actor.seconds / scale.compression, 6);
  });

  it('are over when the last move is known, and calls are as much slower as they were', () => {
    const entry = (kind: Entry['kind'], openedAtMs: number, claimedAtMs: number | null, endedAtMs: number): Entry => ({
      ...newEntry({ id: 'x', operation: 'move', kind, edge: null, reservedUsd: '0', atMs: openedAtMs }),
      state: claimedAtMs === null ? 'committed' : 'claimed',
      claimedAtMs,
      endedAtMs,
    });
    const [first = 0, second = 0] = game.steps.map(({ actor }) => (1000 * actor.seconds) / scale.compression);
    // Each plain call takes 10 ms too long, and the next is asked for 5 ms later; a launch was claimed before it ended.
    const asked = 1000 + first + 15;
    const claimed = asked + second + 15;
    const { seconds, overheadSeconds } = paceOf(
      game,
      3,
      [
        entry('plain', 1000, null, 1000 + first + 10),
        entry('plain', asked, null, asked + second + 10),
        entry('launch', asked, claimed, claimed + 400),
      ],
      1000,
      scale,
    );
    expect(overheadSeconds).toBeCloseTo(1.5, 6);
    expect(seconds).toBeCloseTo((scale.compression * (claimed + 400 - 1000)) / 1000, 6);
  });
});
