import { bootstrap } from '../measure/bootstrap';
import { percentile } from '../measure/percentile';
import type { PolicyRow, Rate } from '../measure/policy-comparison';
import type { ChessPolicy } from './chess-policy';
import { billedExtraShare, mean, publishedExtraShare, savedShare, type GameRun } from './game-run';

/** A policy on all games. */
export interface PlayedPolicy {
  row: Pick<ChessPolicy, 'label' | 'policy' | 'knew'>;
  runs: readonly GameRun[];
}

/** The row of a policy; a unit is a game. */
export function policyRow({ row, runs }: PlayedPolicy, seed: number): PolicyRow {
  return {
    policy: row.policy,
    label: row.label,
    saved: bootstrap(runs, savedShare, seed),
    meanSeconds: mean(runs, ({ seconds }) => seconds),
    p95Seconds: percentile(
      runs.map(({ seconds }) => seconds),
      0.95,
    ),
    usd: mean(runs, ({ usd }) => usd),
    wasteUsd: mean(runs, ({ wasteUsd }) => wasteUsd),
    extraTokens: bootstrap(runs, isHedge(row) ? billedExtraShare : publishedExtraShare, seed),
    hits: rateOf(runs, ({ hits }) => hits),
    claimed: rateOf(runs, ({ claimed }) => claimed),
    knew: row.knew,
  };
}

/** The paper has no copies of calls, so its account says nothing of them. */
function isHedge({ policy }: { policy: string }): boolean {
  return policy.startsWith('hedge');
}

/** Mean over the games of the difference between two policies in what they save, with intervals over games and over stretches of steps. */
export function pairedSaving(left: PlayedPolicy, right: PlayedPolicy, seed: number): string[] {
  const games = left.runs.map((run, index) => ({ run, other: right.runs[index] as GameRun }));
  const overGames = bootstrap(
    games,
    (sample) =>
      sample.reduce((sum, { run, other }) => sum + (other.seconds - run.seconds) / run.sequentialSeconds, 0) /
      sample.length,
    seed,
  );
  const stretches = games.flatMap(({ run, other }) => stretchesOf(run, other));
  const overSteps = bootstrap(
    stretches,
    (sample) =>
      sample.reduce((sum, { saved }) => sum + saved, 0) / sample.reduce((sum, { sequential }) => sum + sequential, 0),
    seed,
  );
  const points = (value: number): string => (100 * value).toFixed(1);
  const shown = ({ value, low, high }: typeof overGames): string =>
    `${points(value)} (${points(low)} to ${points(high)})`;
  return [left.row.label, right.row.label, shown(overGames), shown(overSteps)];
}

const STRETCH = 5;

function stretchesOf(run: GameRun, other: GameRun): { saved: number; sequential: number }[] {
  const length = Math.ceil(run.stepSeconds.length / STRETCH);
  return Array.from({ length }, (_, index) => {
    const slice = (seconds: readonly number[]): number =>
      seconds.slice(STRETCH * index, STRETCH * (index + 1)).reduce((sum, each) => sum + each, 0);
    return {
      saved: slice(other.stepSeconds) - slice(run.stepSeconds),
      sequential: slice(run.sequentialStepSeconds),
    };
  });
}

function rateOf(runs: readonly GameRun[], of: (run: GameRun) => Rate): Rate {
  return {
    numerator: runs.reduce((sum, run) => sum + of(run).numerator, 0),
    denominator: runs.reduce((sum, run) => sum + of(run).denominator, 0),
  };
}
