import { comparisonTable } from '../measure/comparison-table';
import type { ExperimentOptions, ExperimentOutcome } from '../measure/experiment';
import type { PolicyComparison } from '../measure/policy-comparison';
import { LeaveOneOut } from './leave-one-out';
import { liveComparison, liveProblems } from './live/live-comparison';
import { playLive } from './live/play-live';
import { notReproduced, reproducePublished, type Reproduced } from './published-figures';
import { publishedTable } from './published-table';
import { recordedGames } from './read-steps';
import { playAll, simulatedComparison } from './simulated-comparison';
import { replayProblems, targetProblems } from './simulated-problems';

/** Steps of the headline figures, and of the whole recording. */
const HEADLINE_STEPS = 30;
const ALL_STEPS = 50;
/** A step takes two seconds then, and the whole some minutes. */
const SCALE = { compression: 100, fewerTokens: 200 };

/** What `runahead bench chess --report` writes. */
export interface ChessReport {
  seed: number;
  reproduced: Reproduced[];
  comparisons: PolicyComparison[];
}

/**
 * Recorded chess of a slow and a fast agent: first the published figures, without which nothing is compared; then every policy in the
 * simulator; then some of them on a real server, with time compressed.
 */
export async function chessExperiment({
  seed,
  quick = false,
  say,
}: ExperimentOptions): Promise<ExperimentOutcome & { report: ChessReport }> {
  const games = recordedGames();
  const reproduced = reproducePublished(games);
  const missed = notReproduced(reproduced);
  if (missed.length > 0) return outcome({ seed, reproduced, comparisons: [] }, missed);
  say(`the published figures of ${reproduced.length} settings are reproduced`);

  const comparisons: PolicyComparison[] = [];
  const problems: string[] = [];
  const live: (() => Promise<void>)[] = [];
  for (const length of [HEADLINE_STEPS, ALL_STEPS]) {
    const all = new LeaveOneOut(games, length);
    const played = playAll(all);
    const comparison = simulatedComparison(all, played, seed);
    problems.push(...replayProblems(games, length, played.peers));
    if (length === HEADLINE_STEPS) {
      problems.push(...targetProblems(played.chosen));
      comparison.tables = [publishedTable(reproduced), ...(comparison.tables ?? [])];
      live.push(async () => {
        const outcome = await playLive(all, played.chosen, SCALE, say);
        comparisons.push(liveComparison(all, outcome, SCALE, seed));
        problems.push(...liveProblems(all, outcome));
      });
    }
    comparisons.push(comparison);
    say(`${comparison.title}: ${comparison.rows.length} policies in the simulator`);
  }
  if (!quick) for (const play of live) await play();
  return outcome({ seed, reproduced, comparisons }, problems);
}

function outcome(report: ChessReport, problems: string[]): ExperimentOutcome & { report: ChessReport } {
  return {
    text: report.comparisons.map(comparisonTable).join('\n\n'),
    report,
    comparisons: report.comparisons,
    problems,
  };
}
