import { Decimal } from 'decimal.js';
import { bootstrap } from '../../measure/bootstrap';
import { percentile } from '../../measure/percentile';
import type { PolicyComparison, PolicyRow, TimelineBar } from '../../measure/policy-comparison';
import type { LeaveOneOut } from '../leave-one-out';
import type { LiveGame } from './lane';
import type { LiveScale } from './model-script';
import type { LiveOutcome, LivePolicy } from './play-live';

/** Greatest difference between the total times of the real server and of the simulator, as a share. */
const MOST_APART = 0.03;
/** Digits of dollars. */
const DIGITS = 6;
const SHOWN_GAME = 1;

/** What was measured on the real server, beside what the simulator says of the same. */
export function liveComparison(
  all: LeaveOneOut,
  { policies, books }: LiveOutcome,
  scale: LiveScale,
  seed: number,
): PolicyComparison {
  const sequential = policies.find(({ row }) => row.policy === 'sequential');
  const rows = policies.map((policy) => liveRow(policy, sequential ?? policy, scale, seed));
  return {
    benchmark: 'chess',
    title: `${all.games.length} games, the first ${all.length} steps, ${scale.compression} times faster`,
    setting: `recorded durations; calls over HTTP to a local model that streams one token for ${scale.fewerTokens} recorded ones; seconds and dollars are scaled back; a unit is a game`,
    measuredOn: 'real server',
    rows,
    frontier: {
      points: rows.map(({ label, meanSeconds, usd }) => ({ label, seconds: meanSeconds, usd: Number(usd) })),
      dial: [],
    },
    timelines: policies.flatMap(({ row, games }) => {
      const shown = games[SHOWN_GAME];
      return shown === undefined ? [] : [{ policy: row.label, bars: barsOf(shown, scale.compression) }];
    }),
    tables: [agreementTable(policies)],
    notes: [
      `Books ${books.bookedUsd} dollars, invoice of the meter ${books.invoicedUsd} dollars, at the price of the tokens that were really said.`,
      'A call takes longer here than recorded, by what server, workers and model need on this machine; "simulated so" has every call of a game longer by the mean of that, and has to be within 3 %. Without it the two agree only as far as a machine with nothing else to do lets them.',
      'A call on a line that was not played takes and costs what the one beside it does.',
      'What other games teach reaches the real pipelines as counts beside each guess (`counts`), declared durations and prices, and calls of those durations before the first game; each game has a worker of its own for that.',
    ],
  };
}

/** Where real server and simulator, or books and invoice, or results are apart, one line each. */
export function liveProblems(all: LeaveOneOut, { policies, books }: LiveOutcome): string[] {
  return [
    ...policies.flatMap(({ row, games, simulatedHere }) => {
      const difference = apart(games, simulatedHere);
      const wrong = games.filter(({ game, moves }) => {
        const recorded = all.games.find(({ id }) => id === game)?.steps.slice(0, all.length);
        return recorded?.map(({ move }) => move).join(' ') !== moves.join(' ');
      });
      return [
        ...(Math.abs(difference) > MOST_APART
          ? [
              `${row.label}: the real server takes ${percent(difference)} of the time more than the simulator, with calls as slow as they were`,
            ]
          : []),
        ...wrong.map(({ workflowId }) => `${workflowId}: the moves are not the recorded ones`),
      ];
    }),
    ...(books.match ? [] : [`books say ${books.bookedUsd} dollars, the invoice ${books.invoicedUsd}`]),
  ];
}

function agreementTable(policies: readonly LivePolicy[]): NonNullable<PolicyComparison['tables']>[number] {
  return {
    title: 'Real server and simulator, seconds of all games together',
    columns: [
      'policy',
      'real',
      'simulated',
      'apart',
      'a call longer',
      'simulated so',
      'apart',
      'launches',
      'simulated so',
    ],
    rows: policies.map((policy) => [
      policy.row.label,
      total(policy.games).toFixed(0),
      total(policy.simulated).toFixed(0),
      percent(apart(policy.games, policy.simulated)),
      (policy.games.reduce((sum, each) => sum + each.overheadSeconds, 0) / policy.games.length).toFixed(1),
      total(policy.simulatedHere).toFixed(0),
      percent(apart(policy.games, policy.simulatedHere)),
      String(policy.games.reduce((sum, { totals }) => sum + totals.launched, 0)),
      String(policy.simulatedHere.reduce((sum, { claimed }) => sum + claimed.denominator, 0)),
    ]),
  };
}

function liveRow(
  { row, games }: LivePolicy,
  sequential: LivePolicy,
  { fewerTokens }: LiveScale,
  seed: number,
): PolicyRow {
  const units = games.map((game) => ({
    game,
    base: sequential.games.find((each) => each.game === game.game) ?? game,
  }));
  const perGame = (amount: (game: LiveGame) => string): string =>
    games
      .reduce((sum, game) => sum.plus(amount(game)), new Decimal(0))
      .times(fewerTokens)
      .div(games.length)
      .toDecimalPlaces(DIGITS)
      .toFixed();
  const outcomes = games.flatMap(({ decisions }) =>
    decisions.flatMap((each) => (each.phase === 'launch' && each.decision === 'launch' ? [each.outcome.forecast] : [])),
  );
  const right = outcomes.filter((outcome) => outcome === 'right').length;
  return {
    policy: row.policy,
    label: row.label,
    saved: bootstrap(
      units,
      (sample) => sample.reduce((sum, { game, base }) => sum + 1 - game.seconds / base.seconds, 0) / sample.length,
      seed,
    ),
    meanSeconds: total(games) / games.length,
    p95Seconds: percentile(
      games.map(({ seconds }) => seconds),
      0.95,
    ),
    usd: perGame(({ totals }) => totals.costUsd),
    wasteUsd: perGame(({ totals }) => new Decimal(totals.wasteUsd).plus(totals.draftUsd).toFixed()),
    hits: { numerator: right, denominator: right + outcomes.filter((outcome) => outcome === 'wrong').length },
    claimed: {
      numerator: games.reduce((sum, { totals }) => sum + totals.claimed, 0),
      denominator: games.reduce((sum, { totals }) => sum + totals.launched, 0),
    },
    knew: row.knew,
  };
}

function barsOf({ entries, startedAtMs }: LiveGame, compression: number): TimelineBar[] {
  const seconds = (atMs: number): number => ((atMs - startedAtMs) / 1000) * compression;
  return entries.map((entry): TimelineBar => ({
    lane: entry.kind === 'draft' ? 'guesses' : 'moves',
    label: entry.operation,
    startSeconds: seconds(entry.openedAtMs),
    endSeconds: seconds(entry.endedAtMs ?? entry.claimedAtMs ?? entry.openedAtMs),
    kind:
      entry.kind === 'draft'
        ? 'draft'
        : entry.state === 'cancelled' || entry.state === 'failed'
          ? 'wasted'
          : entry.kind === 'launch'
            ? 'claimed'
            : 'plain',
  }));
}

function apart(games: readonly LiveGame[], simulated: readonly { seconds: number }[]): number {
  return total(games) / total(simulated) - 1;
}

function total(games: readonly { seconds: number }[]): number {
  return games.reduce((sum, { seconds }) => sum + seconds, 0);
}

function percent(share: number): string {
  return `${share < 0 ? '' : '+'}${(100 * share).toFixed(2)} %`;
}
