import { percentText } from '../measure/comparison-figures';
import type { PolicyComparison, TimelineBar } from '../measure/policy-comparison';
import { billedExtraShare, mean, publishedExtraShare, savedShare } from './game-run';
import type { LeaveOneOut } from './leave-one-out';
import { pairedSaving, policyRow, type PlayedPolicy } from './policy-row';
import { calibrationError, gradedGuesses, reliabilityBins, statedGuesses, type Graded } from './reliability';
import { HEADLINES, playChosen, playPeers, sweepDial, type ChosenPolicy, type Dial } from './simulated-policies';

type Table = NonNullable<PolicyComparison['tables']>[number];

/** Everything that was played on the same games. */
export interface SimulatedPolicies {
  peers: readonly PlayedPolicy[];
  chosen: readonly ChosenPolicy[];
  byRank: readonly ChosenPolicy[];
  dial: readonly Dial[];
}

export function playAll(all: LeaveOneOut): SimulatedPolicies {
  return {
    peers: playPeers(all),
    chosen: HEADLINES.map((headline) => playChosen(all, headline)),
    byRank: HEADLINES.map((headline) => playChosen(all, headline, 'rank')),
    dial: sweepDial(all),
  };
}

const SOURCE =
  'recorded steps of Speculative Actions (naimengye/speculative-action at dc938b9, Apache-2.0, arXiv:2510.04371): GPT-5 plays, GPT-5 with low effort guesses';

export function simulatedComparison(
  all: LeaveOneOut,
  { peers, chosen, byRank, dial }: SimulatedPolicies,
  seed: number,
): PolicyComparison {
  const played: readonly PlayedPolicy[] = [...peers, ...byRank, ...chosen];
  return {
    benchmark: 'chess',
    title: `${all.games.length} games, the first ${all.length} steps`,
    setting: `${SOURCE}; list price of GPT-5; guesses charged to everybody in seconds and dollars; a unit is a game`,
    measuredOn: 'simulator',
    rows: played.map((each) => policyRow(each, seed)),
    frontier: {
      points: played.map(({ row, runs }) => ({ label: row.label, ...pointOf(runs) })),
      dial: dial.map(({ lambdaUsdPerSecond, runs }) => ({
        label: `a second at ${lambdaUsdPerSecond.toPrecision(2)} $`,
        ...pointOf(runs),
      })),
    },
    reliability: reliabilityOf(all).map(({ label, graded }) => ({ label, bins: reliabilityBins(graded) })),
    timelines: played
      .filter(({ row }) => SHOWN.includes(row.label) || row.label.startsWith('Runahead,'))
      .map(({ row, runs }) => ({ policy: row.label, bars: stretch(runs[SHOWN_GAME]?.bars ?? []) })),
    tables: [tokensTable(played), dialTable(dial), pairedTable(peers, chosen, seed), reliabilityTable(all)],
    notes: [
      "Extra tokens by the account of the paper: a branch that is used counts as extra, one that is thrown away costs the slow agent's call beside it in full, guesses cost nothing on a miss, and one call is counted after the last step. It knows no copies: those are counted as billed.",
      'Where confidences come later than the answer itself, the replay waits for them and a running system does not; so the charged confidence row saves more here than in the replay.',
      'Intervals are bootstraps over games; five are few, so they are wide and say little about other games.',
      'Which features tell guesses apart was chosen with all five games in view; weights, probabilities, durations, prices and the value of a second come from the other four.',
      'The dial is a sweep over the evaluated games, for the curve alone.',
    ],
  };
}

const SHOWN = ['sequential', 'Speculative Actions k=1', 'Speculative Actions k=3', 'oracle'];
const SHOWN_GAME = 1;
/** Moves of the timelines. */
const FROM_MOVE = 9;
const TO_MOVE = 14;

/** Some moves of a game, from the moment at which the first of them began. */
function stretch(bars: readonly TimelineBar[]): TimelineBar[] {
  const shown = bars.filter(({ lane }) => {
    const move = Number(lane.replace('move ', ''));
    return move >= FROM_MOVE && move <= TO_MOVE;
  });
  const start = Math.min(...shown.map(({ startSeconds }) => startSeconds));
  return shown.map((bar) => ({
    ...bar,
    startSeconds: bar.startSeconds - start,
    endSeconds: bar.endSeconds - start,
  }));
}

function pointOf(runs: PlayedPolicy['runs']): { seconds: number; usd: number } {
  return { seconds: mean(runs, ({ seconds }) => seconds), usd: mean(runs, ({ usd }) => usd) };
}

function tokensTable(played: readonly PlayedPolicy[]): Table {
  return {
    title: 'Extra tokens by two accounts, mean of the games',
    columns: ['policy', 'time saved', 'as published', 'as billed'],
    rows: played.map(({ row, runs }) => [
      row.label,
      percentText(savedShare(runs)),
      percentText(publishedExtraShare(runs)),
      percentText(billedExtraShare(runs)),
    ]),
  };
}

function dialTable(dial: readonly Dial[]): Table {
  return {
    title: 'The dial: what a second is worth, swept on the evaluated games',
    columns: ['$ a second', 'time saved', 'as published', 'as billed', '$ a game'],
    rows: dial.map(({ lambdaUsdPerSecond, runs }) => [
      lambdaUsdPerSecond.toPrecision(2),
      percentText(savedShare(runs)),
      percentText(publishedExtraShare(runs)),
      percentText(billedExtraShare(runs)),
      mean(runs, ({ usd }) => usd).toFixed(2),
    ]),
  };
}

function pairedTable(peers: readonly PlayedPolicy[], chosen: readonly PlayedPolicy[], seed: number): Table {
  const published = peers.filter(({ row }) => /^Speculative Actions k=/.test(row.label));
  return {
    title: 'Saved more than the published form on the same games: points, 95 % intervals',
    columns: ['policy', 'than', 'over games', 'over stretches of five steps'],
    rows: chosen.flatMap((left) => published.map((right) => pairedSaving(left, right, seed))),
  };
}

function reliabilityOf(all: LeaveOneOut): { label: string; graded: Graded[] }[] {
  return [
    { label: 'learned from the other games', graded: gradedGuesses(all, 'exchanges') },
    { label: 'places in the list only', graded: gradedGuesses(all, 'rank') },
    { label: 'stated confidence', graded: statedGuesses(all) },
  ];
}

function reliabilityTable(all: LeaveOneOut): Table {
  const groups = reliabilityOf(all).map(({ label, graded }) => ({ label, bins: reliabilityBins(graded) }));
  return {
    title: 'Reliability over all recorded steps: guesses that were right, by what was said of them',
    columns: ['probability', 'calibration error', ...Array.from({ length: 10 }, (_, bin) => `${10 * bin} %`)],
    rows: groups.map(({ label, bins }) => [
      label,
      calibrationError(bins).toFixed(3),
      ...Array.from({ length: 10 }, (_, bin) => {
        const found = bins.find(({ predicted }) => Math.min(9, Math.floor(10 * predicted)) === bin);
        return found === undefined ? '' : `${found.observed.numerator}/${found.observed.denominator}`;
      }),
    ]),
  };
}
