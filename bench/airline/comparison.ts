import { percentText, rateText } from '../measure/comparison-figures';
import type { FrontierPoint, PolicyComparison, PolicyRow } from '../measure/policy-comparison';
import type { Checks } from './checks';
import type { LaneBooks } from './lane-books';
import { latencyNotes } from './latencies';
import type { MeasuredConversation } from './measured-conversation';
import { calibrationError, reliabilityOf, timelineOf } from './pictures';
import { policyRow, savedShare } from './policy-row';
import type { Recording } from './recording';
import { overheadNote, scheduledSeconds } from './scheduled-seconds';
import type { Lane } from './stage';

/** One contestant, measured and checked. */
export interface Finisher {
  lane: Lane;
  conversations: readonly MeasuredConversation[];
  books: LaneBooks;
  checks: Checks;
}

export interface ComparisonOptions {
  seed: number;
  compression: number;
  setting: string;
  /** The conversations, in any order. */
  recordings: readonly Recording[];
}

/** @param finishers the plain worker first */
export function compare(finishers: readonly Finisher[], options: ComparisonOptions): PolicyComparison {
  const { seed, compression, setting, recordings } = options;
  const plain = finishers[0]?.conversations ?? [];
  const sequential = finishers.find(({ lane }) => lane.contestant.policy === 'sequential')?.conversations ?? null;
  const rows = finishers.map(({ lane, conversations, books }) =>
    policyRow(lane, conversations, books, { plain, sequential, seed }),
  );
  const shown = busiest(finishers);
  const booked = finishers.filter(({ lane }) => lane.contestant.policy !== 'plain');
  const reliability = booked
    .filter(
      ({ lane: { contestant } }) =>
        contestant.forecasts !== 'recording' && ['always', 'cost-aware'].includes(contestant.policy),
    )
    .map(({ lane, conversations }) => ({ label: lane.contestant.label, bins: reliabilityOf(conversations) }))
    .filter(({ bins }) => bins.length > 0);
  return {
    benchmark: 'airline',
    title: 'recorded conversations of a tool agent',
    setting,
    measuredOn: 'real server',
    rows,
    frontier: frontierOf(rows, finishers),
    reliability,
    timelines: booked.flatMap(({ lane, conversations }) =>
      conversations
        .filter(({ scenarioId }) => scenarioId === shown)
        .map((conversation) => timelineOf(lane.contestant.label, conversation, compression)),
    ),
    tables: [agentTime(finishers, plain, seed), checksTable(finishers)],
    notes: [
      overheadNote(
        plain.map(({ seconds }) => seconds),
        recordings.map((recording) => scheduledSeconds(seed, recording)),
      ),
      ...latencyNotes(),
      ...reliability.map(
        ({ label, bins }) => `calibration error of forecasts, ${label}: ${errorText(calibrationError(bins))}`,
      ),
    ],
  };
}

/** The conversation in which the most launches were claimed. */
function busiest(finishers: readonly Finisher[]): string | undefined {
  const claimed = new Map<string, number>();
  for (const { scenarioId, books } of finishers.flatMap(({ conversations }) => conversations)) {
    claimed.set(scenarioId, (claimed.get(scenarioId) ?? 0) + (books?.totals.claimed ?? 0));
  }
  return [...claimed].sort(([, left], [, right]) => right - left)[0]?.[0];
}

function frontierOf(
  rows: readonly PolicyRow[],
  finishers: readonly Finisher[],
): NonNullable<PolicyComparison['frontier']> {
  const points = rows.map(({ label, meanSeconds, usd }): FrontierPoint => ({
    label,
    seconds: meanSeconds,
    usd: Number(usd),
  }));
  const isDial = (index: number): boolean => finishers[index]?.lane.contestant.alpha !== undefined;
  return {
    points: points.filter((_point, index) => !isDial(index)),
    dial: points.filter((_point, index) => isDial(index)),
  };
}

/** What is left when the user's typing, which nobody can save, is taken out. */
function agentTime(
  finishers: readonly Finisher[],
  plain: readonly MeasuredConversation[],
  seed: number,
): NonNullable<PolicyComparison['tables']>[number] {
  const withoutTyping = ({ seconds, typingSeconds }: MeasuredConversation): number => seconds - typingSeconds;
  return {
    title: "Without the user's typing: share of the time that is saved",
    columns: ['policy', 'saved', '95 % interval', 'mean s'],
    rows: finishers.map(({ lane, conversations }) => {
      const { value, low, high } = savedShare(conversations, plain, seed, withoutTyping);
      const total = conversations.reduce((sum, each) => sum + withoutTyping(each), 0);
      return [
        lane.contestant.label,
        percentText(value),
        `${percentText(low)} to ${percentText(high)}`,
        (total / conversations.length).toFixed(1),
      ];
    }),
  };
}

function checksTable(finishers: readonly Finisher[]): NonNullable<PolicyComparison['tables']>[number] {
  return {
    title: 'What must hold',
    columns: ['policy', 'identical to plain', 'effects ahead of their input', 'writes', 'booked $', 'invoiced $'],
    rows: finishers.map(({ lane, books, checks }) => [
      lane.contestant.label,
      rateText(checks.identical),
      `${checks.launchedEffects.numerator}/${checks.launchedEffects.denominator}`,
      String(checks.writes),
      lane.contestant.policy === 'plain' ? '' : books.bookedUsd,
      books.invoicedUsd,
    ]),
  };
}

function errorText(error: number | null): string {
  return error === null ? 'nothing was compared' : error.toFixed(3);
}
